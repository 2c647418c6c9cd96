# Copyright (c) 2026, webdeploy.ftp contributors
# SPDX-License-Identifier: GPL-3.0-or-later

"""nginx over the folder of an FTP server: what visitors of the website see.

It comes from Debian's packages, unpacked and not installed, as the FTP servers do (fetch.py).
"""

from __future__ import annotations

import contextlib
import subprocess
import time
import typing as t
from pathlib import Path

from .base import HOST, free_port
from .fetch import fetch
from .process import listens

# The lines about maintenance are those of the role's README.
_CONFIGURATION = """
daemon off;
master_process off;
pid {work}/nginx.pid;
error_log stderr;
events {{}}
http {{
    access_log off;
    client_body_temp_path {work}/body;
    proxy_temp_path {work}/proxy;
    fastcgi_temp_path {work}/fastcgi;
    uwsgi_temp_path {work}/uwsgi;
    scgi_temp_path {work}/scgi;
    types {{ text/html html; text/css css; image/svg+xml svg; }}
    server {{
        listen {host}:{port};
        root {root};

        location ~ /\\.ftpsync {{ return 404; }}

        set $closed "";
        if (-f $document_root/maintenance.html) {{ set $closed yes; }}
        if ($http_x_deployment) {{ set $closed ""; }}
        if ($closed) {{ return 503; }}
        error_page 503 @maintenance;
        location @maintenance {{ rewrite ^ /maintenance.html break; }}
    }}
}}
"""


@contextlib.contextmanager
def nginx(root: Path, private: Path) -> t.Iterator[int]:
    """nginx over a folder; its port. What it writes goes to a folder of its own in `private`."""
    tree = fetch("nginx")
    work = private / "nginx"
    work.mkdir(exist_ok=True)
    configuration, output = work / "nginx.conf", work / "output.log"
    command = [str(tree.binary), "-p", str(work), "-e", "stderr", "-c", str(configuration)]
    for dummy in range(3):
        port = free_port()  # somebody else may be quicker
        configuration.write_text(_CONFIGURATION.format(work=work, root=root, host=HOST, port=port))
        with output.open("wb") as told, subprocess.Popen(
            ["setpriv", "--pdeathsig", "KILL", *command], env=tree.environment(), stdout=told, stderr=told
        ) as process:
            try:
                if _is_up(process, port):
                    yield port
                    return
            finally:
                process.kill()
    raise RuntimeError(f"nginx did not start:\n{output.read_text(errors='replace')}")


def _is_up(process: subprocess.Popen[bytes], port: int) -> bool:
    deadline = time.monotonic() + 20
    while time.monotonic() < deadline and process.poll() is None:
        if listens(process.pid, HOST, port):
            return True
        time.sleep(0.02)
    return False
