# Copyright (c) 2026, webdeploy.ftp contributors
# SPDX-License-Identifier: GPL-3.0-or-later

"""How fast we are beside others, measured in one run:  make bench

    python -m benchmarks --quick
    python -m benchmarks --servers vsftpd,proftpd --lines 60ms --works upload,no-op --rounds 3

What is measured, and how, is told in docs/performance/results.md, which a run writes.
"""
