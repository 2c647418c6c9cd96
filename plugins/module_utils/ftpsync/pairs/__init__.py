# Copyright (c) 2026, webdeploy.ftp contributors
# SPDX-License-Identifier: BSD-2-Clause

"""Two folders as equals: what to do with each pair of entries, and the doing of it (``record: folder``)."""
