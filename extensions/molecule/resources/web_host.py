# Copyright (c) 2026, webdeploy.ftp contributors
# SPDX-License-Identifier: GPL-3.0-or-later

"""A web host for Molecule: an FTP server, and nginx that shows its folder to visitors. Ends when it is told to.

python web_host.py vsftpd FILE    # writes addresses, login and its process id into FILE
"""

from __future__ import annotations

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[3]))

from tests.servers import start
from tests.servers.announce import SITE, announce_until_told
from tests.servers.nginx import nginx


def main(kind: str, file: Path) -> None:
    with start(kind, tls="explicit") as server, nginx(server.root / SITE, server.private) as port:
        announce_until_told(server, port, file)


if __name__ == "__main__":
    main(sys.argv[1], Path(sys.argv[2]))
