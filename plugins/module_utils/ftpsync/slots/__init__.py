# Copyright (c) 2026, webdeploy.ftp contributors
# SPDX-License-Identifier: BSD-2-Clause

"""Two slots beside each other, of which visitors see one: publish by renaming folders."""
