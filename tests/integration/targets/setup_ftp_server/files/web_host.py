# Copyright (c) 2026, webdeploy.ftp contributors
# SPDX-License-Identifier: GPL-3.0-or-later

"""An FTP server, and a web server that shows its folder to visitors; both need nothing but Python.

PYTHONPATH=COLLECTIONS python web_host.py FILE    # writes addresses, login and its process id into FILE
"""

from __future__ import annotations

import functools
import http.server
import sys
import threading
from pathlib import Path

from ansible_collections.webdeploy.ftp.tests.servers import start
from ansible_collections.webdeploy.ftp.tests.servers.announce import SITE, announce_until_told
from ansible_collections.webdeploy.ftp.tests.servers.base import HOST


def main(file: Path) -> None:
    with start("pyftpdlib", tls="explicit") as server:
        visitors = functools.partial(http.server.SimpleHTTPRequestHandler, directory=str(server.root / SITE))
        with http.server.ThreadingHTTPServer((HOST, 0), visitors) as website:
            threading.Thread(target=website.serve_forever, daemon=True).start()
            announce_until_told(server, website.server_address[1], file)


if __name__ == "__main__":
    main(Path(sys.argv[1]))
