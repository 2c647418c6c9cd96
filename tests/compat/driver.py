# Copyright (c) 2026, webdeploy.ftp contributors
# SPDX-License-Identifier: GPL-3.0-or-later

"""One run of whichever `ftpsync` can be imported, through the documented Python API.

As a program it serves runs to another process: one request per line on stdin, one answer per line on stdout, both
JSON. So the same few lines drive this project and real releases of pyftpsync, which have interpreters of their own.
Hence no imports from the tests, and nothing but what every one of them offers.
"""

from __future__ import annotations

import contextlib
import io
import json
import sys

DEFAULTS = {"verbose": 3, "no_color": True}


def run(request: dict) -> dict:
    """What became of {"command", "local", "remote", "options"}."""
    from ftpsync import synchronizers, targets, util

    kinds = {
        "upload": synchronizers.UploadSynchronizer,
        "download": synchronizers.DownloadSynchronizer,
        "sync": synchronizers.BiDirSynchronizer,
    }
    output, stats, error = io.StringIO(), {}, None
    former = util.set_pyftpsync_logger(None)  # print instead of logging
    try:
        with contextlib.redirect_stdout(output), contextlib.redirect_stderr(output):
            local = targets.make_target(request["local"])
            remote = targets.make_target(request["remote"])
            synchronizer = kinds[request["command"]](local, remote, {**DEFAULTS, **request["options"]})
            try:
                synchronizer.run()
            finally:
                stats = synchronizer.get_stats()
    except Exception as exc:  # noqa: BLE001 - whatever it is, it is the outcome
        error = f"{type(exc).__name__}: {exc}"
    finally:
        util.set_pyftpsync_logger(former)
    return {"error": error, "stats": dict(stats), "output": output.getvalue()}


def main() -> None:
    answers = sys.stdout
    for line in sys.stdin:
        answers.write(json.dumps(run(json.loads(line)), default=str) + "\n")
        answers.flush()


if __name__ == "__main__":
    main()
