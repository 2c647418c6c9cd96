# Copyright (c) 2026, webdeploy.ftp contributors
# SPDX-License-Identifier: GPL-3.0-or-later

"""Commands: what each of them does, and the final reply to it (RFC 959, 2389, 2428, 3659, 4217)."""

from __future__ import annotations

import calendar
import os
import socket
import time
import typing as t

from . import transfer
from .record import Command

if t.TYPE_CHECKING:
    from .session import Session

FEATURES = [
    "EPRT",
    "EPSV",
    "MDTM",
    "MFMT",
    "MLST type*;size*;modify*;unix.mode*;",
    "PASV",
    "REST STREAM",
    "SIZE",
    "TVFS",
    "UTF8",
]
_BEFORE_LOGIN = {"USER", "PASS", "QUIT", "AUTH", "PBSZ", "PROT", "FEAT", "OPTS", "SYST", "NOOP"}


def carry_out(session: Session, command: Command, argument: str) -> str:
    """Does what a command says; gives its final reply."""
    verb = command.verb
    if verb != "RNTO":
        session.rename_from = None
    if verb not in _BEFORE_LOGIN and not session.logged_in:
        return "530 Log in first"
    try:
        if verb in transfer.VERBS:
            return transfer.carry_out(session, command, argument)
        action = _ACTIONS.get(verb)
        if action is None:
            return f"502 {verb} is not known here"
        with session.server.lock:
            return action(session, argument)
    except OSError as error:
        return f"550 {error.strerror or error}"
    except ValueError:
        return "501 This makes no sense"


def _real(session: Session, argument: str) -> str:
    if not argument:
        raise ValueError("no argument")
    disk = session.server.disk
    return disk.real(disk.absolute(session.here, argument))


# -- login and settings


def _user(session: Session, argument: str) -> str:
    session.user = argument
    return "331 And the password?"


def _pass(session: Session, argument: str) -> str:
    server = session.server
    if (session.user, argument) != (server.username, server.password):
        return "530 No"
    session.logged_in = True
    return "230 Welcome"


def _auth(session: Session, argument: str) -> str:
    return "234 Go on" if session.server.tls is not None and argument.upper() == "TLS" else "502 No TLS here"


def _prot(session: Session, argument: str) -> str:
    session.protected = argument.upper() == "P"
    return "200 So be it"


def _feat(session: Session, _argument: str) -> str:
    lines = FEATURES + (["AUTH TLS", "PBSZ", "PROT"] if session.server.tls is not None else [])
    for fault in session.faults:
        lines = fault.features(lines)
    return "\r\n".join(["211-Features:", *(f" {line}" for line in sorted(lines)), "211 End"])


def _opts(_session: Session, argument: str) -> str:
    return "200 So be it" if argument.upper().startswith(("UTF8", "MLST")) else "501 Not this"


def _stat(session: Session, _argument: str) -> str:
    return f"211-Status:\r\n logged in as {session.user}\r\n211 End"


def _ok(_session: Session, _argument: str) -> str:
    return "200 So be it"


def _syst(_session: Session, _argument: str) -> str:
    return "215 UNIX Type: L8"


def _quit(_session: Session, _argument: str) -> str:
    return "221 Goodbye"


# -- folders


def _pwd(session: Session, _argument: str) -> str:
    quoted = session.here.replace('"', '""')
    return f'257 "{quoted}"'


def _cwd(session: Session, argument: str) -> str:
    there = session.server.disk.absolute(session.here, argument)
    os.listdir(session.server.disk.real(there))  # raises what is to be said
    session.here = there
    return "250 There we are"


def _cdup(session: Session, _argument: str) -> str:
    return _cwd(session, "..")


def _mkd(session: Session, argument: str) -> str:
    os.mkdir(_real(session, argument))
    quoted = session.server.disk.absolute(session.here, argument).replace('"', '""')
    return f'257 "{quoted}" made'


def _rmd(session: Session, argument: str) -> str:
    os.rmdir(_real(session, argument))
    return "250 Removed"


# -- files


def _dele(session: Session, argument: str) -> str:
    os.unlink(_real(session, argument))
    return "250 Deleted"


def _rnfr(session: Session, argument: str) -> str:
    real = _real(session, argument)
    os.lstat(real)
    session.rename_from = real
    return "350 And its new name?"


def _rnto(session: Session, argument: str) -> str:
    there, session.rename_from = session.rename_from, None
    if there is None:
        return "503 RNFR first"
    os.rename(there, _real(session, argument))
    return "250 Renamed"


def _size(session: Session, argument: str) -> str:
    real = _real(session, argument)
    if not os.path.isfile(real):
        return "550 No such file"
    return f"213 {os.path.getsize(real)}"


def _mdtm(session: Session, argument: str) -> str:
    real = _real(session, argument)
    if not os.path.isfile(real):
        return "550 No such file"
    return time.strftime("213 %Y%m%d%H%M%S", time.gmtime(os.stat(real).st_mtime))


def _mfmt(session: Session, argument: str) -> str:
    stamp, _space, path = argument.partition(" ")
    seconds = calendar.timegm(time.strptime(stamp, "%Y%m%d%H%M%S"))
    os.utime(_real(session, path), (seconds, seconds))
    return f"213 Modify={stamp}; {path}"


def _site(session: Session, argument: str) -> str:
    what, _space, rest = argument.partition(" ")
    action = _SITE.get(what.upper())
    return action(session, rest) if action is not None else "504 No such SITE command"


def _chmod(session: Session, argument: str) -> str:
    mode, _space, path = argument.partition(" ")
    os.chmod(_real(session, path), int(mode, 8))
    return "200 Mode set"


def _utime(session: Session, argument: str) -> str:
    """In the words that Pure-FTPd and ProFTPD take: a path, its times of access, change and creation, and UTC."""
    path, _accessed, stamp, _created, zone = argument.rsplit(" ", 4)
    seconds = calendar.timegm(time.strptime(stamp + zone, "%Y%m%d%H%M%SUTC"))
    os.utime(_real(session, path), (seconds, seconds))
    return "200 Time set"


def _rest(session: Session, argument: str) -> str:
    session.offset = int(argument)
    return f"350 From {session.offset}"


# -- data connections


def _listen(session: Session) -> int:
    session.close_listener()
    listener = socket.socket()
    listener.bind((session.server.host, 0))
    listener.listen(1)
    session.listener = listener
    return int(listener.getsockname()[1])


def _epsv(session: Session, argument: str) -> str:
    if argument.upper() == "ALL":
        return "200 So be it"
    return f"229 Here (|||{_listen(session)}|)"


def _pasv(session: Session, _argument: str) -> str:
    high, low = divmod(_listen(session), 256)
    numbers = ",".join([*session.server.host.split("."), str(high), str(low)])
    return f"227 Here ({numbers})"


def _port(session: Session, argument: str) -> str:
    numbers = [int(number) for number in argument.split(",")]
    session.close_listener()
    session.active = ".".join(map(str, numbers[:4])), numbers[4] * 256 + numbers[5]
    return "200 I will call"


def _eprt(session: Session, argument: str) -> str:
    _empty, dummy, host, port, _end = argument.split(argument[:1])
    session.close_listener()
    session.active = host, int(port)
    return "200 I will call"


_SITE: dict[str, t.Callable[[Session, str], str]] = {"CHMOD": _chmod, "UTIME": _utime}
_ACTIONS: dict[str, t.Callable[[Session, str], str]] = {
    "USER": _user,
    "PASS": _pass,
    "AUTH": _auth,
    "PBSZ": _ok,
    "PROT": _prot,
    "TYPE": _ok,
    "MODE": _ok,
    "STRU": _ok,
    "ALLO": _ok,
    "NOOP": _ok,
    "FEAT": _feat,
    "OPTS": _opts,
    "SYST": _syst,
    "STAT": _stat,
    "QUIT": _quit,
    "PWD": _pwd,
    "CWD": _cwd,
    "CDUP": _cdup,
    "MKD": _mkd,
    "RMD": _rmd,
    "DELE": _dele,
    "RNFR": _rnfr,
    "RNTO": _rnto,
    "SIZE": _size,
    "MDTM": _mdtm,
    "MFMT": _mfmt,
    "SITE": _site,
    "REST": _rest,
    "EPSV": _epsv,
    "PASV": _pasv,
    "PORT": _port,
    "EPRT": _eprt,
}
