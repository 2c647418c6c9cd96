# Copyright (c) 2026, webdeploy.ftp contributors
# SPDX-License-Identifier: GPL-3.0-or-later

"""One run of the engine in a fresh process: options as JSON in, what was done as JSON out."""

from __future__ import annotations

import json
import sys

from ftpsync.engine import synchronize
from ftpsync.options import validate


def main() -> None:
    result = synchronize(validate(json.loads(sys.argv[1])), check=False)
    print(json.dumps({"operations": len(result.plan.operations), "error": result.error}))
    if result.error:
        sys.exit(1)


if __name__ == "__main__":
    main()
