# Copyright (c) 2026, webdeploy.ftp contributors
# SPDX-License-Identifier: BSD-2-Clause

"""The command line ``pyftpsync``: what a user typed in, lines and an exit code out.

    options, commands ─► parser ─► job ─► main ─► synchronize | deploy | scan | tree
                    config_file ─► task ─┘        with progress, summary, document

It talks to the engine only as scripts do: targets, synchronizers, and for uploads with a record on the
server the same engine as the modules. Optional packages (PyYAML, rich) are imported where they are used.
"""
