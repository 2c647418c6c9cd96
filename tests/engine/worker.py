# Copyright (c) 2026, webdeploy.ftp contributors
# SPDX-License-Identifier: GPL-3.0-or-later

"""One run in a process of its own, to be killed, or to be measured: options as JSON in, the result as JSON out."""

from __future__ import annotations

import json
import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[2] / "plugins" / "module_utils"))

from ftpsync import engine, options, report
from ftpsync.errors import FtpSyncError


def peak_kilobytes() -> int:
    """The most memory of this program; ru_maxrss would count what started it as well, from before exec."""
    with open("/proc/self/status", encoding="ascii") as file:
        return next(int(line.split()[1]) for line in file if line.startswith("VmHWM:"))


def main() -> None:
    wanted = json.loads(sys.argv[1])
    try:
        result = engine.synchronize(options.validate(wanted), check=False)
        found = {**report.to_dict(result), "error": result.error}
    except FtpSyncError as error:
        found = {"error": str(error)}
    found["peak_kilobytes"] = peak_kilobytes()
    print(json.dumps(found))


if __name__ == "__main__":
    main()
