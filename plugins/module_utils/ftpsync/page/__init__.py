# Copyright (c) 2026, webdeploy.ftp contributors
# SPDX-License-Identifier: BSD-2-Clause

"""The page about a run (option ``report``): HTML, Markdown, JSON."""
