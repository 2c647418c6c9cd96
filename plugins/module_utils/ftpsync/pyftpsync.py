# Copyright (c) 2026, webdeploy.ftp contributors
# SPDX-License-Identifier: BSD-2-Clause

"""The command ``pyftpsync``, also as ``python -m ftpsync.pyftpsync`` (``spec/ftpsync-behaviour.md`` 1.1)."""

from __future__ import annotations

import sys

from .cli.main import main


def run() -> None:
    """Do what ``sys.argv`` says.

    Raises:
        SystemExit: with the exit code, unless that is 0.
    """
    code = main(sys.argv[1:])
    if code:
        raise SystemExit(code)


if __name__ == "__main__":
    run()
