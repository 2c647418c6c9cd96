# Copyright (c) 2026, webdeploy.ftp contributors
# SPDX-License-Identifier: GPL-3.0-or-later

"""A web host for Molecule: an FTP server, and nginx that shows its folder to visitors. Ends when it is told to.

    python web_host.py vsftpd FILE    # writes addresses, login and its process id into FILE

nginx comes from Debian's packages, unpacked and not installed, as the FTP servers do (tests/servers/fetch.py).
"""

from __future__ import annotations

import contextlib
import json
import os
import signal
import subprocess
import sys
import typing as t
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[3]))

from tests.servers import Server, start
from tests.servers.base import HOST, free_port
from tests.servers.fetch import PACKAGES, fetch

PACKAGES["nginx"] = ["nginx"]

# The lines about maintenance are those of the role's README.
CONFIGURATION = """
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
def nginx(root: Path, work: Path) -> t.Iterator[int]:
    """nginx over a folder; its port."""
    tree = fetch("nginx")
    port = free_port()
    configuration = work / "nginx.conf"
    configuration.write_text(CONFIGURATION.format(work=work, root=root, host=HOST, port=port))
    command = [str(tree.binary), "-p", str(work), "-e", "stderr", "-c", str(configuration)]
    with subprocess.Popen(["setpriv", "--pdeathsig", "KILL", *command], env=tree.environment()) as process:
        try:
            yield port
        finally:
            process.kill()


def describe(server: Server, port: int) -> dict[str, t.Any]:
    return {
        "pid": os.getpid(),
        "remote": f"{server.url}htdocs",
        "username": server.username,
        "password": server.password,
        "ca_path": str(server.certificate),
        "root": str(server.root / "htdocs"),
        "website": f"http://{HOST}:{port}",
    }


def main(kind: str, file: Path) -> None:
    signal.signal(signal.SIGTERM, lambda *_ignored: sys.exit())
    with start(kind, tls="explicit") as server, nginx(server.root / "htdocs", server.private) as port:
        server.at("htdocs")
        new = file.with_suffix(".new")
        new.touch(mode=0o600)
        new.write_text(json.dumps(describe(server, port)))
        new.rename(file)
        signal.pause()


if __name__ == "__main__":
    main(sys.argv[1], Path(sys.argv[2]))
