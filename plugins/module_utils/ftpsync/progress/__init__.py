# Copyright (c) 2026, webdeploy.ftp contributors
# SPDX-License-Identifier: BSD-2-Clause

"""How far a run has come: counters that its threads write, numbers for people, a file for other programs."""
