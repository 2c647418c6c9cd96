#!/usr/bin/python
# Copyright (c) 2026, webdeploy.ftp contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: ftp_file
short_description: Make one file or folder on an FTP server be there, be gone, or be somewhere else
version_added: 0.1.0
description:
  - Puts a single file on an FTP or FTPS server, such as a maintenance page. Makes or deletes folders, moves, touches,
    and sets permissions.
  - A file is compared by its size, and then by reading it, so that nothing needs to be kept on the server and a second
    run changes nothing.
  - A file is uploaded under another name in the same folder, checked, and then renamed. So visitors of a website never
    see a part of it.
  - For whole folders use M(webdeploy.ftp.ftp_sync). Its record of what it has published is not changed by this module.
    If a published file is, there is a warning, and the next deployment finds it changed on the server.
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
  diff_mode:
    support: full
    details:
      - Shows the content of texts up to 100 KB. For secret content set C(diff) to V(false) or C(no_log) to V(true).
  idempotent:
    support: partial
    details:
      - With O(mtime=now) every run changes the time.
  platform:
    support: full
    platforms: posix
options:
  path:
    description:
      - The file or folder, relative to O(remote) or absolute, as V(/htdocs/maintenance.html).
      - What lies in O(state_dir) is refused.
    type: str
    required: true
  state:
    description:
      - V(file) is a file with the content of O(src) or O(content).
      - V(directory) is a folder.
      - V(touch) is a file with any content. One that is not there is made empty. See O(mtime).
      - V(absent) is nothing. A folder that is not empty is deleted only with O(recurse=true).
      - V(moved) is what was at O(path), at O(dest). If it is at O(dest) already and nothing is at O(path), nothing
        happens.
    type: str
    choices:
      - file
      - directory
      - touch
      - absent
      - moved
    default: file
  src:
    description:
      - File to upload, on the host that runs the module. To upload a file of the controller, run the task there, with
        C(delegate_to).
      - For O(state=file), which needs either this or O(content).
    type: path
  content:
    description: Text that the file holds, in UTF-8. For O(state=file), which needs either this or O(src).
    type: str
  dest:
    description:
      - Where O(path) is moved to, relative to O(remote) or absolute. The new path itself, not the folder to put it in.
      - For O(state=moved), which needs it.
    type: str
  mode:
    description:
      - Permissions, such as V('0644'). Write them in quotes, with a zero in front.
      - If not set, a file that is replaced keeps those it had, and for a new one the server decides.
      - The module fails if the server cannot set them.
    type: raw
  mtime:
    description:
      - Time of the last change, for O(state=touch). V(now), or a time in UTC such as V(2026-03-14T09:26:50Z).
      - If not set, the time of a file that is there is left as it is.
    type: str
  force:
    description:
      - Whether a file that is there is replaced.
      - With V(false) and O(state=file) it is left alone, whatever it holds. With O(state=moved) the module fails if
        both O(path) and O(dest) are there.
      - Folders are never replaced by files, nor files by folders.
    type: bool
    default: true
  recurse:
    description:
      - Whether O(state=absent) deletes a folder with all that is in it.
      - Of links only the link is deleted, not what it leads to.
    type: bool
    default: false
  parents:
    description: Whether folders above that are missing are made. With V(false) the module fails then.
    type: bool
    default: true
  state_dir:
    description: Folder in which M(webdeploy.ftp.ftp_sync) keeps its record. Relative to O(remote), or absolute.
    type: str
    default: .ftpsync
notes:
  - The host that runs the module needs Python 3.8 or later and nothing else.
seealso:
  - module: webdeploy.ftp.ftp_sync
  - module: webdeploy.ftp.ftp_info
  - module: ansible.builtin.file
"""

EXAMPLES = r"""
- name: Put up a maintenance page
  webdeploy.ftp.ftp_file:
    remote: ftps://www.example.com/htdocs
    username: joe
    password: "{{ vault_ftp_password }}"
    path: maintenance.html
    content: "<h1>Back in five minutes</h1>"
    mode: "0644"
  delegate_to: localhost

- name: Take it down again
  webdeploy.ftp.ftp_file:
    remote: ftps://www.example.com/htdocs
    username: joe
    password: "{{ vault_ftp_password }}"
    path: maintenance.html
    state: absent
  delegate_to: localhost

- name: Upload a configuration that nobody may see
  webdeploy.ftp.ftp_file:
    remote: ftps://www.example.com/htdocs
    username: joe
    password: "{{ vault_ftp_password }}"
    path: /private/config.php
    src: config.php
    mode: "0600"
  no_log: true
  delegate_to: localhost

- name: Make a folder for uploads
  webdeploy.ftp.ftp_file:
    remote: ftps://www.example.com/htdocs
    username: joe
    password: "{{ vault_ftp_password }}"
    path: uploads/img
    state: directory
    mode: "0775"
  delegate_to: localhost

- name: Restart an application
  webdeploy.ftp.ftp_file:
    remote: ftps://www.example.com/app
    username: joe
    password: "{{ vault_ftp_password }}"
    path: tmp/restart.txt
    state: touch
    mtime: now
  delegate_to: localhost

- name: Move an old version out of the way
  webdeploy.ftp.ftp_file:
    remote: ftps://www.example.com/htdocs
    username: joe
    password: "{{ vault_ftp_password }}"
    path: shop
    state: moved
    dest: /old/shop
  delegate_to: localhost

- name: Delete a folder with all that is in it
  webdeploy.ftp.ftp_file:
    remote: ftps://www.example.com/htdocs
    username: joe
    password: "{{ vault_ftp_password }}"
    path: cache
    state: absent
    recurse: true
  delegate_to: localhost
"""

RETURN = r"""
path:
  description: O(path) as an absolute path. Null if an option was wrong.
  returned: always
  type: str
  sample: /htdocs/maintenance.html
dest:
  description: O(dest) as an absolute path. Null without.
  returned: always
  type: str
  sample: /old/shop
state:
  description: The state that was asked for. Null if an option was wrong.
  returned: always
  type: str
  sample: file
size:
  description: Bytes of O(src) or O(content). Null without.
  returned: always
  type: int
  sample: 29
checksum:
  description: SHA-256 of O(src) or O(content). Null without.
  returned: always
  type: str
  sample: 2c26b46b68ffc68ff99b453c1d30413413422d706483bfa0f98a5e886266e7ae
operations:
  description:
    - All that was done, in order. In check mode, what would be.
    - The list of a check mode run and that of the run that follows are equal.
  returned: always
  type: list
  elements: dict
  contains:
    path:
      description: Absolute path.
      returned: always
      type: str
      sample: /htdocs/maintenance.html
    operation:
      description:
        - What was done, one of V(create_directory), V(upload), V(delete), V(move), V(set_mode), V(set_time).
      returned: always
      type: str
      sample: upload
    kind:
      description: What stands at the path, one of V(file), V(directory), V(link), V(other).
      returned: always
      type: str
      sample: file
    reason:
      description: Why.
      returned: always
      type: str
      sample: content differs
    size:
      description: Bytes that were sent, or that went.
      returned: always
      type: int
      sample: 29
    mode:
      description: Permissions that were set. Null if none were.
      returned: always
      type: str
      sample: "0644"
    dest:
      description: Absolute path to which it was moved. Null if it was not.
      returned: always
      type: str
      sample: /old/shop
  sample:
    - path: /htdocs/maintenance.html
      operation: upload
      kind: file
      reason: new
      size: 29
      mode: "0644"
      dest: null
msg:
  description: Why the module failed, in one line, with the option that may help.
  returned: failure
  type: str
  sample: "path: the folder /htdocs/cache is not empty: a.html; to delete it with all that is in it set recurse: true"
"""

import signal
import typing as t

from ansible_collections.webdeploy.ftp.plugins.module_utils import _common
from ansible_collections.webdeploy.ftp.plugins.module_utils.ftpsync import target
from ansible_collections.webdeploy.ftp.plugins.module_utils.ftpsync.errors import FtpSyncError
from ansible_collections.webdeploy.ftp.plugins.module_utils.ftpsync.options import STATE_DIR
from ansible_collections.webdeploy.ftp.plugins.module_utils.ftpsync.remote_file import run as remote_file
from ansible_collections.webdeploy.ftp.plugins.module_utils.ftpsync.remote_file.plan import STATES, validate
from ansible_collections.webdeploy.ftp.plugins.module_utils.ftpsync.remote_file.report import Result, diff, to_dict

ARGUMENTS: dict[str, t.Any] = {
    "path": {"type": "str", "required": True},
    "state": {"type": "str", "choices": list(STATES), "default": "file"},
    "src": {"type": "path"},
    "content": {"type": "str"},
    "dest": {"type": "str"},
    # raw: as text, the 420 that YAML makes of an unquoted 0644 would become mode 0420.
    "mode": {"type": "raw"},
    "mtime": {"type": "str"},
    "force": {"type": "bool", "default": True},
    "recurse": {"type": "bool", "default": False},
    "parents": {"type": "bool", "default": True},
    "state_dir": {"type": "str", "default": STATE_DIR},
}


def main() -> None:
    # Whoever ends this process lets the temporary file be removed.
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    module = _common.FtpModule({"changed": False, **to_dict(None, Result())}, ARGUMENTS)
    result, wanted = Result(), None
    try:
        site = _common.prepare(module, target.validate)
        wanted = validate(module.params, site)
        result = remote_file.change(wanted, check=module.check_mode, diff=module._diff)
    except FtpSyncError as exc:
        result = Result(error=str(exc))
    answer = to_dict(wanted, result)
    if module._diff:
        answer["diff"] = diff(wanted, result) if wanted else []
    _common.finish(module, answer, result.error, result.warnings, (step.path for step in result.done))


if __name__ == "__main__":
    main()
