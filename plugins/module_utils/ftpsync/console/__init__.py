# Copyright (c) 2026, webdeploy.ftp contributors
# SPDX-License-Identifier: BSD-2-Clause

"""The person at the terminal: lines out, answers and passwords in, settings of the account."""
