# Copyright (c) 2026, webdeploy.ftp contributors
# SPDX-License-Identifier: BSD-2-Clause

"""The glue between Ansible and the engine: what this collection's modules share.

Private to this collection. In: a module's parameters. Out: options for the engine, warnings, and results
whose keys are always the same and in which no password occurs.
"""

from __future__ import annotations

import dataclasses
import ipaddress
import os
import re
import typing as t
from urllib.parse import unquote

from ansible.module_utils.basic import AnsibleModule

from ansible_collections.webdeploy.ftp.plugins.module_utils.ftpsync import credentials, options, report, url
from ansible_collections.webdeploy.ftp.plugins.module_utils.ftpsync.errors import UsageError

# Looked at here and not by Ansible's env_fallback, by which what is left over in an environment would win
# over the user and password that a playbook writes into the URL.
ENVIRONMENT = {"username": "WEBDEPLOY_FTP_USERNAME", "password": "WEBDEPLOY_FTP_PASSWORD"}

_PORT = re.compile("[^:]*:[0-9]*(/|$)")

Validate = t.Callable[[t.Mapping[str, object]], options.SyncOptions]


def connection_spec() -> dict[str, t.Any]:
    """Argument spec of the doc fragment ``webdeploy.ftp.connection``."""
    return {
        "remote": {"type": "str", "required": True},
        "username": {"type": "str"},
        "password": {"type": "str", "no_log": True},
        "port": {"type": "int"},
        "tls": {"type": "str", "choices": list(options.CHOICES["tls"])},
        "validate_certs": {"type": "bool", "default": True},
        "ca_path": {"type": "path"},
        "tls_fingerprint": {"type": "str"},
        "tls_server_name": {"type": "str"},
        "passive": {"type": "bool", "default": True},
        "timeout": {"type": "int", "default": 30},
        "connections": {"type": "int", "default": 4},
        "retries": {"type": "int", "default": 4},
        "encoding": {"type": "str", "default": "utf-8"},
        "bandwidth_limit": {"type": "str", "default": "0"},
        "use_netrc": {"type": "bool", "default": True},
        "use_keyring": {"type": "bool", "default": False},
    }


class FtpModule(AnsibleModule):
    """A module that talks to an FTP server.

    Parameters:
        nothing: the result of a run that came to nothing; failures have the same keys.
        arguments: argument spec of the options besides those of ``connection_spec``.
        rules: what AnsibleModule takes besides, such as ``mutually_exclusive``.
    """

    def __init__(self, nothing: t.Mapping[str, t.Any], arguments: t.Mapping[str, t.Any], **rules: t.Any) -> None:
        self._nothing = nothing
        super().__init__(argument_spec={**connection_spec(), **arguments}, supports_check_mode=True, **rules)

    def hide(self, *secrets: str | None) -> None:
        """Mask texts in all that the module returns from now on."""
        self.no_log_values.update(secret for secret in secrets if secret)

    def hide_url_password(self) -> None:
        """Mask the password in ``remote``, which may not even be a text yet."""
        self.hide(*secrets_of(str(self.params.get("remote") or "")))

    def log(self, msg: str, log_args: dict[str, t.Any] | None = None) -> None:
        """Write to the system's log; Ansible writes all parameters into it, having guessed what is a password."""
        guess = str((log_args or {}).get("remote") or "")
        if guess:
            shown = _without_login(self.params["remote"])
            msg, log_args = msg.replace(guess, shown), {**(log_args or {}), "remote": shown}
        super().log(msg, log_args)

    def fail_json(self, msg: str, **kwargs: t.Any) -> t.NoReturn:
        """Fail in one line; also called by Ansible itself, when an option does not fit its argument spec."""
        self.hide_url_password()
        line = " ".join(part.strip() for part in report.shown(str(msg)).splitlines())
        super().fail_json(msg=line, **{**self._nothing, **kwargs})


def secrets_of(remote: str) -> set[str]:
    """What must not be shown of the option ``remote``: its password, as written and decoded.

    Where the URL is malformed, nobody can tell where a password ends. Then it is all after the first colon, unless
    that can only be a port.
    """
    rest = remote.partition("://")[2] or remote
    try:
        url.parse_remote(remote)
        login = rest.partition("/")[0].rpartition("@")[0]
    except UsageError:
        login = rest.rpartition("@")[0] or ("" if _PORT.match(rest) else rest)
    secret = login.partition(":")[2]
    return {text for text in (secret, unquote(secret, "utf-8", "surrogateescape")) if text}


def _without_login(remote: str) -> str:
    try:
        return url.parse_remote(remote).address
    except UsageError:
        return "********"


def prepare(module: FtpModule, validate: Validate = options.validate) -> options.SyncOptions:
    """Check a module's parameters, find user and password, and hide the latter before anything can fail.

    What works and yet is dangerous is warned of.

    Parameters:
        validate: turns parameters into options; ``target.validate`` for modules without a local folder.

    Raises:
        FtpSyncError: one line for the user.
    """
    module.hide_url_password()
    wanted = validate({**module.params, **_from_environment(module)})
    username, password = credentials.resolve(
        wanted.host, wanted.username, wanted.password, wanted.use_netrc, wanted.use_keyring
    )
    if username not in credentials.ANONYMOUS:
        module.hide(password)
    _warn_of_dangers(module, wanted)
    return dataclasses.replace(wanted, username=username, password=password)


def finish(
    module: FtpModule,
    answer: dict[str, t.Any],
    error: str | None,
    warnings: t.Iterable[str] = (),
    paths: t.Iterable[str] = (),
) -> t.NoReturn:
    """End a module.

    Parameters:
        answer: its result.
        error: what it failed of, or None.
        warnings: one line each.
        paths: all that the result names.
    """
    for line in warnings:
        module.warn(line)
    _warn_of_masked_names(module, set(paths))
    if error is not None:
        module.fail_json(msg=error, **answer)
    module.exit_json(**answer)


def _from_environment(module: FtpModule) -> dict[str, str]:
    """User and password for those that neither option nor URL gives; a password only for its own user."""
    params = module.params
    there = url.parse_remote(params["remote"], params["tls"], params["port"])
    given = {name: getattr(there, name) if params[name] is None else params[name] for name in ENVIRONMENT}
    found = {name: os.environ[variable] for name, variable in ENVIRONMENT.items() if os.environ.get(variable)}
    module.hide(found.get("password"))
    if given["username"] is not None and found.get("username", given["username"]) != given["username"]:
        found.pop("password", None)
    return {name: value for name, value in found.items() if given[name] is None}


def _warn_of_dangers(module: FtpModule, wanted: options.SyncOptions) -> None:
    if wanted.tls == url.NONE and not _is_loopback(wanted.host):
        module.warn(
            f"{wanted.remote}: without TLS, password and content travel readable for everybody on the way; "
            "write remote: ftps://... or set tls: explicit if the server offers it"
        )
    if wanted.tls != url.NONE and not wanted.validate_certs and wanted.tls_fingerprint is None:
        module.warn(
            f"{wanted.remote}: validate_certs: false accepts any certificate, so that somebody in between can read the "
            "password and change the content; set tls_fingerprint, ca_path or tls_server_name instead"
        )


def _is_loopback(host: str) -> bool:
    try:
        return ipaddress.ip_address(host.partition("%")[0]).is_loopback
    except ValueError:
        return host == "localhost" or host.endswith(".localhost")


def _warn_of_masked_names(module: FtpModule, names: t.Iterable[str]) -> None:
    """Warn that Ansible is going to disfigure names of files, which no module can prevent."""
    secrets = [str(secret) for secret in module.no_log_values]
    masked = sum(1 for name in names if any(secret in name for secret in secrets))
    if masked:
        module.warn(
            f"the password occurs in {masked} of the paths, where Ansible shows asterisks instead; the transfer is "
            "not affected, but use a longer password"
        )
