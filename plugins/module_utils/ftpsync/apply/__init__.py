# Copyright (c) 2026, webdeploy.ftp contributors
# SPDX-License-Identifier: BSD-2-Clause

"""Carry out a plan on a server, phase by phase (design 7). Decides nothing."""
