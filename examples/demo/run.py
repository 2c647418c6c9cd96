# Copyright (c) 2026, webdeploy.ftp contributors
# SPDX-License-Identifier: GPL-3.0-or-later

"""Run the demo: `make demo`. Everything happens in a folder that is removed at the end."""

from __future__ import annotations

import json
import os
import secrets
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

import server

HERE = Path(__file__).resolve().parent
ROOT = HERE.parent.parent
PROGRAMS = Path(sys.executable).parent


def main() -> int:
    sys.stdout.reconfigure(line_buffering=True)  # type: ignore[union-attr]  # in order with the playbook's output
    with tempfile.TemporaryDirectory(prefix="webdeploy-ftp-demo-") as folder:
        work = Path(folder)
        install_collection(work)
        shutil.copytree(HERE / "site", work / "site")
        htdocs = work / "server" / "htdocs"
        (htdocs / "uploads").mkdir(parents=True)
        (htdocs / "uploads" / "guestbook.txt").write_text("Lovely bread! -- a visitor\n")

        password = secrets.token_urlsafe(12)
        port = server.start(work / "server", "joe", password)
        print(f"""
A website lies in     {work / "site"}
An FTP server runs at ftp://127.0.0.1:{port}, and shows {work / "server"}
The playbook is       {HERE / "demo.yml"}
""")
        return play(work, {"work": folder, "ftp_port": port, "password": password})


def install_collection(work: Path) -> None:
    """As a user would: build the tarball, and hand it to ansible-galaxy."""
    print("Building the collection, and installing it ...")
    quietly(str(ROOT / "scripts" / "build"), str(work), work=work)
    (tarball,) = work.glob("webdeploy-ftp-*.tar.gz")
    galaxy = str(PROGRAMS / "ansible-galaxy")
    quietly(galaxy, "collection", "install", "--offline", "-p", str(work / "collections"), str(tarball), work=work)


def play(work: Path, variables: dict[str, object]) -> int:
    file = work / "variables.json"
    file.touch(mode=0o600)
    file.write_text(json.dumps(variables))
    command = [str(PROGRAMS / "ansible-playbook"), "--inventory", "localhost,", "--extra-vars", f"@{file}"]
    return subprocess.run([*command, str(HERE / "demo.yml")], env=environment(work), check=False).returncode


def quietly(*command: str, work: Path) -> None:
    """Run something whose output matters only if it fails."""
    result = subprocess.run(
        command, env=environment(work), check=False, text=True, stdout=subprocess.PIPE, stderr=subprocess.STDOUT
    )
    if result.returncode:
        sys.exit(f"{result.stdout}\n{command[0]} failed")


def environment(work: Path) -> dict[str, str]:
    """Nothing of the user's own configuration, nothing left in the home folder."""
    own = {name: value for name, value in os.environ.items() if not name.startswith("ANSIBLE_")}
    return {
        **own,
        "ANSIBLE_CONFIG": str(HERE / "ansible.cfg"),
        "ANSIBLE_HOME": str(work / "ansible"),
        "ANSIBLE_LOCAL_TEMP": str(work / "ansible" / "tmp"),
        "ANSIBLE_REMOTE_TEMP": str(work / "ansible" / "tmp"),
        "ANSIBLE_COLLECTIONS_PATH": str(work / "collections"),
    }


if __name__ == "__main__":
    sys.exit(main())
