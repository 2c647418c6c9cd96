# Copyright (c) 2026, webdeploy.ftp contributors
# SPDX-License-Identifier: GPL-3.0-or-later

"""ProFTPD: the one with MFF, SITE UTIME, HASH and more, by modules."""

from __future__ import annotations

import grp
import pwd
from pathlib import Path

from .base import OWNER, certificate_of, passive_ports, tidy
from .commandlog import CommandLog
from .passwords import hashed
from .process import Launch, ProcessServer


class ProFtpd(ProcessServer):
    kind = "proftpd"

    def prepare(self) -> Launch:
        self._commands = CommandLog(self._log, parse)
        config = self.private / "proftpd.conf"
        modules = [line for line in self.options.extra if line.startswith("LoadModule")]
        others = [line for line in self.options.extra if line not in modules]
        config.write_text(
            "\n".join(
                [
                    f"ModulePath {self.tree.path}/usr/lib/proftpd",
                    *modules,
                    *self._general(),
                    *self._login(),
                    *self._limits(),
                    *(self._tls() if self.tls else []),
                    *others,
                    "",
                ]
            )
        )
        return Launch([str(self.tree.binary), "--nodaemon", "--quiet", "--config", str(config)], [])

    def _general(self) -> list[str]:
        low, high = passive_ports()
        return [
            "ServerName Tests",
            "ServerType standalone",
            "DefaultServer on",
            "UseIPv6 off",
            f"DefaultAddress {self.host}",
            f"Port {self.port}",
            "SocketBindTight on",
            f"PassivePorts {low} {high}",
            "UseReverseDNS off",
            "AllowOverwrite on",
            "AllowStoreRestart on",
            "Umask 022",
            *(['ListOptions "-a"'] if self.options.hidden else []),
            f"PidFile {self.private}/pid",
            f"ScoreboardFile {self.private}/scoreboard",
            f"SystemLog {self.private}/system.log",
            "TransferLog none",
            "WtmpLog off",
            'LogFormat commands "%r"',
            f"ExtendedLog {self._log} ALL commands",
            "<IfModule mod_ctrls.c>",
            "  ControlsEngine off",
            f"  ControlsSocket {self.private}/control",
            "</IfModule>",
            "<IfModule mod_delay.c>",
            "  DelayEngine off",
            "</IfModule>",
        ]

    def _login(self) -> list[str]:
        user = pwd.getpwnam(OWNER)
        group = grp.getgrgid(user.pw_gid).gr_name
        users, groups = self.private / "users", self.private / "groups"
        users.write_text(
            f"{self.username}:{hashed(self.password)}:{user.pw_uid}:{user.pw_gid}::{self.root}:/bin/false\n"
        )
        groups.write_text(f"{group}:x:{user.pw_gid}:\n")
        for file in (users, groups):
            file.chmod(0o600)
        return [
            f"User {OWNER}",
            f"Group {group}",
            "AuthOrder mod_auth_file.c",
            f"AuthUserFile {users}",
            f"AuthGroupFile {groups}",
            "RequireValidShell off",
            "DefaultRoot ~",
        ]

    def _limits(self) -> list[str]:
        lines = []
        if self.options.max_clients:
            lines.append(f"MaxClients {self.options.max_clients}")
        if self.options.max_clients_per_address:
            lines.append(f"MaxClientsPerHost {self.options.max_clients_per_address}")
        if self.options.deny:
            lines += [f"<Limit {' '.join(self.options.deny)}>", "  DenyAll", "</Limit>"]
        return lines

    def _tls(self) -> list[str]:
        certificate = certificate_of(self)
        wishes = []
        if not self.options.session_reuse:
            wishes.append("NoSessionReuseRequired")
        if self.tls == "implicit":
            wishes.append("UseImplicitSSL")
        return [
            "LoadModule mod_tls.c",
            "TLSEngine on",
            "TLSProtocol TLSv1.2 TLSv1.3",
            f"TLSRequired {'on' if self.options.require_tls else 'off'}",
            f"TLSRSACertificateFile {certificate.chain}",
            f"TLSRSACertificateKeyFile {certificate.key}",
            "TLSVerifyClient off",
            f"TLSLog {self.private}/tls.log",
            *([f"TLSOptions {' '.join(wishes)}"] if wishes else []),
        ]

    @property
    def _log(self) -> Path:
        return self.private / "commands.log"

    def received(self) -> list[str]:
        return self._commands.commands()


def parse(log: str) -> list[str]:
    return [tidy(*line.split(" ", 1)) for line in log.split("\n") if line]
