# Copyright (c) 2026, webdeploy.ftp contributors
# SPDX-License-Identifier: GPL-3.0-or-later

"""One run in a process of its own, to be killed, or to be measured: options as JSON in, the result as JSON out."""

from __future__ import annotations

import json
import resource
import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[2] / "plugins" / "module_utils"))

from ftpsync import engine, options, report
from ftpsync.errors import FtpSyncError


def main() -> None:
    wanted = json.loads(sys.argv[1])
    try:
        result = engine.synchronize(options.validate(wanted), check=False)
        found = {**report.to_dict(result), "error": result.error}
    except FtpSyncError as error:
        found = {"error": str(error)}
    found["peak_kilobytes"] = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    print(json.dumps(found))


if __name__ == "__main__":
    main()
