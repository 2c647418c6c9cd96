# Copyright (c) 2026, webdeploy.ftp contributors
# SPDX-License-Identifier: BSD-2-Clause

"""The two places that a run compares: a folder of this machine, or one on a server."""
