# Copyright (c) 2026, webdeploy.ftp contributors
# SPDX-License-Identifier: GPL-3.0-or-later

"""vsftpd: no MLSD, no MFMT, no reasons given; one process (and one more) for each session."""

from __future__ import annotations

import re
from pathlib import Path

from .base import OWNER, certificate_of, passive_ports, tidy
from .commandlog import CommandLog
from .passwords import hashed
from .process import Launch, ProcessServer

_COMMAND = re.compile(r'FTP command: Client "[^"]*", "(?P<verb>\S+) ?(?P<argument>.*)"$')


class Vsftpd(ProcessServer):
    kind = "vsftpd"

    def prepare(self) -> Launch:
        self._commands = CommandLog(self._log, parse)
        config = self.private / "vsftpd.conf"
        lines = [f"{key}={value}" for key, value in self._settings().items()]
        config.write_text("\n".join([*lines, *self.options.extra, ""]))
        return Launch([str(self.tree.binary), str(config)], [(self._pam(), Path("/etc/pam.d"))])

    def _pam(self) -> Path:
        """A folder for /etc/pam.d by which one user may log in.

        The password is checked by pam_pwdfile. With a module that forks (pam_exec), vsftpd takes the end of that
        child for the end of its session.
        """
        users = self.private / "users"
        users.write_text(f"{self.username}:{hashed(self.password)}\n")
        module = next(self.tree.path.glob("**/pam_pwdfile.so"))
        folder = self.private / "pam.d"
        folder.mkdir(exist_ok=True)
        (folder / "vsftpd").write_text(
            f"auth required {module} pwdfile={users} nodelay\naccount required pam_permit.so\n"
        )
        return folder

    def _settings(self) -> dict[str, object]:
        empty = self.private / "empty"
        empty.mkdir(exist_ok=True)
        low, high = passive_ports()
        settings: dict[str, object] = {
            "background": "NO",
            "listen": "YES",
            "listen_address": self.host,
            "listen_port": self.port,
            "pasv_min_port": low,
            "pasv_max_port": high,
            "connect_from_port_20": "NO",
            "max_clients": self.options.max_clients,
            "max_per_ip": self.options.max_clients_per_address,
            # one user, who is a guest with the rights of OWNER
            "anonymous_enable": "NO",
            "local_enable": "YES",
            "guest_enable": "YES",
            "guest_username": OWNER,
            "virtual_use_local_privs": "YES",
            "pam_service_name": "vsftpd",
            "delay_failed_login": 0,
            "delay_successful_login": 0,
            # files
            "write_enable": "YES",
            "local_umask": "022",
            "local_root": self.root,
            "chroot_local_user": "YES",
            "allow_writeable_chroot": "YES",
            "secure_chroot_dir": empty,
            "force_dot_files": "YES" if self.options.hidden else "NO",
            # the log of commands
            "xferlog_enable": "YES",
            "log_ftp_protocol": "YES",
            "vsftpd_log_file": self._log,
        }
        if self.options.deny:
            settings["cmds_denied"] = ",".join(self.options.deny)
        if self.tls:
            must = "YES" if self.options.require_tls else "NO"
            certificate = certificate_of(self)
            settings.update(
                ssl_enable="YES",
                ssl_tlsv1="YES",
                ssl_ciphers="HIGH",
                rsa_cert_file=certificate.chain,
                rsa_private_key_file=certificate.key,
                force_local_logins_ssl=must,
                force_local_data_ssl=must,
                require_ssl_reuse="YES" if self.options.session_reuse else "NO",
                implicit_ssl="YES" if self.tls == "implicit" else "NO",
            )
        return settings

    @property
    def _log(self) -> Path:
        return self.private / "commands.log"

    def received(self) -> list[str]:
        return self._commands.commands()


def parse(log: str) -> list[str]:
    found = (_COMMAND.search(line) for line in log.split("\n"))
    return [tidy(match["verb"], match["argument"]) for match in found if match]
