#!/usr/bin/python
# Copyright (c) 2026, webdeploy.ftp contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: ftp_info
short_description: Tell what an FTP server is able to do, what was published there, and what has changed since
version_added: 0.1.0
description:
  - Tells facts about an FTP or FTPS server, about what M(webdeploy.ftp.ftp_sync) has published there, and about what
    has changed there since. Lists folders.
  - Sends no command that could change the server, unless O(probe=true).
  - What could not be found out is null.
author:
  - webdeploy.ftp contributors (@webdeploy)
extends_documentation_fragment:
  - webdeploy.ftp.attributes
  - webdeploy.ftp.connection
attributes:
  action_group:
    support: full
    membership:
      - webdeploy.ftp.all
  async:
    support: full
  check_mode:
    support: full
    details:
      - In check mode O(probe) is skipped, with a warning.
  diff_mode:
    support: N/A
    details:
      - Nothing is changed, so that there is nothing to compare.
  idempotent:
    support: full
  platform:
    support: full
    platforms: posix
options:
  drift:
    description:
      - Whether the files on the server are compared with what was published.
      - V(none) compares nothing.
      - V(quick) compares how the server lists the files, by size and time.
      - V(deep) also reads every published file back and compares its content, which finds what keeps size and time. It
        takes as long as a download of the site.
      - With V(quick) and V(deep), the module fails if there is a record that cannot be read.
    type: str
    choices:
      - none
      - quick
      - deep
    default: none
  path:
    description:
      - A folder or file to list in RV(entries), relative to O(remote) or absolute. V(.) is O(remote) itself.
    type: str
  recursive:
    description: Whether what lies in folders below O(path) is listed, too. O(state_dir) is not looked into.
    type: bool
    default: false
  match:
    description:
      - Patterns of the files to list, such as V(*.html). Without any, all files and folders are listed.
      - Patterns are those of C(.gitignore), and count from O(path). If there are any, no folders are listed.
    type: list
    elements: str
    default: []
  exclude:
    description:
      - Patterns of files and folders that are neither listed in RV(entries) nor reported in RV(unmanaged).
      - Patterns are those of C(.gitignore). They count from O(path) for the one and from O(remote) for the other.
        Unlike those of M(webdeploy.ftp.ftp_sync), no others are added.
    type: list
    elements: str
    default: []
  probe:
    description:
      - Whether more is found out by writing into a scratch folder, which is removed again. See RV(probe).
      - The folder lies in O(state_dir), or beside it if that does not exist, and its name has C(ftpsync-probe) in it.
    type: bool
    default: false
  state_dir:
    description: Folder in which M(webdeploy.ftp.ftp_sync) keeps its record. Relative to O(remote), or absolute.
    type: str
    default: .ftpsync
notes:
  - The host that runs the module needs Python 3.8 or later and nothing else.
seealso:
  - module: webdeploy.ftp.ftp_sync
  - module: webdeploy.ftp.ftp_file
"""

EXAMPLES = r"""
- name: Look at a server
  webdeploy.ftp.ftp_info:
    remote: ftps://www.example.com/htdocs
    username: joe
    password: "{{ vault_ftp_password }}"
  delegate_to: localhost
  register: ftp

- name: Fail if the certificate ends within a month
  ansible.builtin.assert:
    that: ftp.server.certificate.not_after > '%Y-%m-%d' | strftime(now().timestamp() + 30 * 86400)

- name: Fail if somebody has changed the site
  webdeploy.ftp.ftp_info:
    remote: ftps://www.example.com/htdocs
    username: joe
    password: "{{ vault_ftp_password }}"
    drift: deep
    exclude:
      - /uploads/
  delegate_to: localhost
  register: site
  failed_when: site is failed or (site.differences + site.unmanaged) | length > 0

- name: List all images
  webdeploy.ftp.ftp_info:
    remote: ftps://www.example.com/htdocs
    username: joe
    password: "{{ vault_ftp_password }}"
    path: img
    recursive: true
    match:
      - "*.png"
      - "*.jpg"
  delegate_to: localhost

- name: Find out whether a new host is fit for deployments
  webdeploy.ftp.ftp_info:
    remote: ftps://new.example.com/htdocs
    username: joe
    password: "{{ vault_ftp_password }}"
    probe: true
    connections: 8
  delegate_to: localhost
  register: fit
  failed_when: fit is failed or not fit.probe.rename_replaces
"""

RETURN = r"""
server:
  description:
    - What was found out about the server. What is null was not found out.
    - Empty if there was no connection.
  returned: always
  type: dict
  contains:
    banner:
      description: How the server greets.
      returned: if there was a connection
      type: str
      sample: "ProFTPD Server ready."
    system:
      description: The answer to C(SYST).
      returned: if there was a connection
      type: str
      sample: "UNIX Type: L8"
    features:
      description: What the server lists as its features.
      returned: if there was a connection
      type: list
      elements: str
      sample: [EPSV, MDTM, MFMT, MLST, SIZE, UTF8]
    tls:
      description: Version of TLS, null without.
      returned: if there was a connection
      type: str
      sample: TLSv1.3
    certificate_sha256:
      description: Fingerprint of the certificate, as O(tls_fingerprint) takes it.
      returned: if there was a connection
      type: str
      sample: 5b1e8d6c2f90a734c10d77e24ab96318f50c9e21d83b467faa52e019846dc30b
    certificate:
      description: What the certificate says, null without TLS. Times are ISO 8601 in UTC.
      returned: if there was a connection
      type: dict
      sample:
        subject: CN=www.example.com
        issuer: C=US,O=Let's Encrypt,CN=R11
        names: [www.example.com, example.com]
        not_before: "2026-02-01T00:00:00Z"
        not_after: "2026-05-02T00:00:00Z"
    tls_session_resumed:
      description:
        - Whether data connections resumed the TLS session, which many servers demand.
        - Null without TLS, and if the server gave no session to resume.
      returned: if there was a connection
      type: bool
      sample: true
    data_connections:
      description: How data connections are opened, V(EPSV) or V(PASV).
      returned: if there was a connection
      type: str
      sample: EPSV
    listing:
      description: How folders are listed, V(MLSD) or V(LIST).
      returned: if there was a connection
      type: str
      sample: MLSD
    hidden_files:
      description: Whether C(LIST -a) shows dot files. Null if folders are listed by V(MLSD).
      returned: if there was a connection
      type: bool
    utf8:
      description: Whether names are UTF-8.
      returned: if there was a connection
      type: bool
      sample: true
    mtime_settable:
      description: Whether times of files can be set. Null as long as it was not tried.
      returned: if there was a connection
      type: bool
    mtime_command:
      description: The command that sets them.
      returned: if there was a connection
      type: str
      sample: MFMT
    mode_settable:
      description: Whether permissions can be set. Null as long as it was not tried.
      returned: if there was a connection
      type: bool
    quirks:
      description: What M(webdeploy.ftp.ftp_sync) has learned about the server and keeps in its record.
      returned: if there was a connection
      type: dict
      sample: {}
remote_exists:
  description: Whether the folder O(remote) exists.
  returned: always
  type: bool
  sample: true
time_offset:
  description:
    - Seconds by which the server's clock is ahead of ours. A whole number of hours means that it tells local time.
    - Without O(probe) it is taken from the record of the last deployment, so that it tells about the clock of the host
      that deployed, and is right to a few seconds. Null if there is none.
  returned: always
  type: int
  sample: 0
lists_dot_files:
  description: Whether listings show files whose names begin with a dot. Null if there was none to tell by.
  returned: always
  type: bool
  sample: true
manifest:
  description: The record of what M(webdeploy.ftp.ftp_sync) has published.
  returned: always
  type: dict
  contains:
    present:
      description: Whether there is one.
      returned: always
      type: bool
      sample: true
    message:
      description: Why it cannot be read, for instance since it belongs to another folder. Null if it can.
      returned: always
      type: str
    generation:
      description: How many deployments there were.
      returned: always
      type: int
      sample: 7
    written:
      description: When the last one was, ISO 8601 in UTC.
      returned: always
      type: str
      sample: "2026-03-14T09:26:50Z"
    files:
      description: Number of published files.
      returned: always
      type: int
      sample: 212
    directories:
      description: Number of folders that were made for them.
      returned: always
      type: int
      sample: 14
    bytes:
      description: Size of the files.
      returned: always
      type: int
      sample: 7340032
    interrupted:
      description: Whether the last deployment was interrupted while it published. The next one finishes it.
      returned: always
      type: bool
      sample: false
drifted:
  description: Published files that are not as they were published. See O(drift).
  returned: always
  type: list
  elements: str
  sample: [contact.html]
missing:
  description: Published files and folders that are not there any more.
  returned: always
  type: list
  elements: str
  sample: []
differences:
  description: The reasons for RV(drifted) and RV(missing).
  returned: always
  type: list
  elements: dict
  contains:
    path:
      description: Path relative to O(remote).
      returned: always
      type: str
      sample: contact.html
    reason:
      description: What differs.
      returned: always
      type: str
      sample: 512 bytes instead of 498
  sample:
    - path: contact.html
      reason: 512 bytes instead of 498
unmanaged:
  description: What was never published. A folder stands for all that is in it. Empty with O(drift=none).
  returned: always
  type: list
  elements: str
  sample: [uploads]
backups:
  description: The sets of replaced and deleted files that are kept, oldest first.
  returned: always
  type: list
  elements: str
  sample: [20260314T092650Z-7]
lock:
  description: Who publishes just now. Null if nobody does.
  returned: always
  type: dict
  contains:
    holder:
      description: Process, host and start.
      returned: if somebody does
      type: str
      sample: process 4711 on build7 since 2026-03-14T09:26:50Z
    dead:
      description: Whether it ran on this host and has ended. Then the next deployment takes the lock over.
      returned: if somebody does
      type: bool
      sample: false
exists:
  description: Whether there is anything at O(path). Null without O(path).
  returned: always
  type: bool
  sample: true
entries:
  description: What is at O(path), sorted by path.
  returned: always
  type: list
  elements: dict
  contains:
    path:
      description: Path relative to O(remote), or absolute if O(path) is. It can be given to M(webdeploy.ftp.ftp_file).
      returned: always
      type: str
      sample: img/logo.png
    type:
      description: One of V(file), V(directory), V(link), V(other).
      returned: always
      type: str
      sample: file
    size:
      description: Bytes of a file, else null.
      returned: always
      type: int
      sample: 5120
    mtime:
      description: Time of the last change, ISO 8601 in UTC. Servers without MLSD tell minutes or days of folders only.
      returned: always
      type: str
      sample: "2026-03-14T09:26:50Z"
    mode:
      description: Permissions.
      returned: always
      type: str
      sample: "0644"
  sample:
    - path: img/logo.png
      type: file
      size: 5120
      mtime: "2026-03-14T09:26:50Z"
      mode: "0644"
probe:
  description: What was tried with O(probe=true). Null otherwise, and in check mode.
  returned: always
  type: dict
  contains:
    rename_replaces:
      description: Whether a file can be renamed onto another one. If not, there is a gap when files are replaced.
      returned: always
      type: bool
      sample: true
    rename_into_other_folder:
      description: Whether a file can be renamed into another folder. If not, set C(publish) to C(direct) to deploy.
      returned: always
      type: bool
      sample: true
    case_sensitive:
      description: Whether names that differ in case only are two names.
      returned: always
      type: bool
      sample: true
    names:
      description:
        - What becomes of unusual names, by what is unusual about them. V(kept), or what happened instead.
      returned: always
      type: dict
      sample:
        space: kept
        space_at_end: "altered: a_"
        backslash: "refused: 553 Prohibited file name"
    sets_times:
      description: Whether times of files can be set.
      returned: always
      type: bool
      sample: true
    times_command:
      description: The command that sets them.
      returned: always
      type: str
      sample: MFMT
    sets_modes:
      description: Whether permissions can be set.
      returned: always
      type: bool
      sample: true
    lists_modes:
      description: Whether listings show them.
      returned: always
      type: bool
      sample: true
    lists_dot_files:
      description: Whether listings show files whose names begin with a dot.
      returned: always
      type: bool
      sample: true
    time_offset:
      description: Seconds by which the server's clock is ahead of ours.
      returned: always
      type: int
      sample: 0
    connections:
      description: How many connections were opened at the same time, of O(connections), and what the next one got.
      returned: always
      type: dict
      sample:
        asked: 8
        opened: 4
        message: "ftp.example.org:21 takes no further connection: 421 Too many connections"
msg:
  description: Why the module failed, in one line, with the option that may help.
  returned: failure
  type: str
  sample: "drift: quick needs the record: /htdocs/.ftpsync/manifest.json is damaged"
"""

import signal
import typing as t

from ansible_collections.webdeploy.ftp.plugins.module_utils import _common
from ansible_collections.webdeploy.ftp.plugins.module_utils.ftpsync import target
from ansible_collections.webdeploy.ftp.plugins.module_utils.ftpsync.errors import FtpSyncError
from ansible_collections.webdeploy.ftp.plugins.module_utils.ftpsync.info import run as info
from ansible_collections.webdeploy.ftp.plugins.module_utils.ftpsync.model import shown
from ansible_collections.webdeploy.ftp.plugins.module_utils.ftpsync.options import STATE_DIR

ARGUMENTS: dict[str, t.Any] = {
    "drift": {"type": "str", "choices": list(info.DRIFT), "default": info.NONE},
    "path": {"type": "str"},
    "recursive": {"type": "bool", "default": False},
    "match": {"type": "list", "elements": "str", "default": []},
    "exclude": {"type": "list", "elements": "str", "default": []},
    "probe": {"type": "bool", "default": False},
    "state_dir": {"type": "str", "default": STATE_DIR},
}


def main() -> None:
    # Whoever ends this process lets the scratch folder be removed.
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    module = _common.FtpModule({"changed": False, **info.Info().as_dict()}, ARGUMENTS)
    found = info.Info()
    try:
        site = _common.prepare(module, target.validate)
        found = info.gather(info.validate(module.params, site), check=module.check_mode)
    except FtpSyncError as exc:
        found.error = str(exc)
    answer = {"changed": False, **found.as_dict()}
    _common.finish(module, answer, found.error, map(shown, found.warnings), _paths(answer))


def _paths(answer: dict[str, t.Any]) -> set[str]:
    """All paths that the result names."""
    listed = {entry["path"] for entry in answer["entries"]}
    return listed.union(answer["drifted"], answer["missing"], answer["unmanaged"])


if __name__ == "__main__":
    main()
