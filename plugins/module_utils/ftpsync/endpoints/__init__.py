# Copyright (c) 2026, webdeploy.ftp contributors
# SPDX-License-Identifier: BSD-2-Clause

"""What stands behind the targets of user scripts: what they have in common, folders, login and lock of servers."""
