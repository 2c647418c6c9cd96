#!/usr/bin/python
# Copyright (c) 2026, webdeploy.ftp contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: ftp_rollback
short_description: Undo what was published on an FTP server
version_added: 0.1.0
description:
  - Brings a website back to how it was before a publication by M(webdeploy.ftp.ftp_sync). Files that were replaced or
    deleted come back, files that were added go away.
  - Works by renames on the server alone, so that nothing is sent and the moment of change is short.
  - For this M(webdeploy.ftp.ftp_sync) has to keep backup sets, with its option O(webdeploy.ftp.ftp_sync#module:backup).
  - Nothing is lost. What is undone is kept in its backup set and can be redone with O(state=redone). What somebody
    changed on the server meanwhile is kept there, too (see O(force)).
  - Check mode sends no command that could change the server, and foretells exactly what the run will do.
  - A run that is interrupted is gone on with by the next one, and so is an interrupted publication undone.
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
  idempotent:
    support: partial
    details:
      - With O(backup_id) a second run changes nothing. Without, every run goes one publication further.
  platform:
    support: full
    platforms: posix
options:
  backup_id:
    description:
      - The publication that is meant, by its backup set, as M(webdeploy.ftp.ftp_sync) returns it and as
        O(state=listed) lists it.
      - With O(state=undone) this publication and all later ones are undone. With O(state=redone) all up to this one
        are redone. Not used with O(state=listed).
      - If not set, it is the latest that is not undone yet, or the next one to redo.
    type: str
  state:
    description:
      - V(undone) undoes publications. If they are undone already, nothing happens.
      - V(redone) puts back what was undone. That is refused if something else was published since.
      - V(listed) changes nothing, and lists all backup sets in RV(backups).
    type: str
    choices:
      - undone
      - redone
      - listed
    default: undone
  force:
    description:
      - What happens to files that were changed on the server since they were published (RV(drifted)).
      - With V(true) they make way, and are kept in the backup set, in its folder C(displaced).
      - With V(false) they are left alone and reported in RV(conflicts).
    type: bool
    default: true
  state_dir:
    description:
      - Folder on the server for record, lock and backup sets, as for M(webdeploy.ftp.ftp_sync). Relative to O(remote),
        or absolute.
    type: str
    default: .ftpsync
  lock_timeout:
    description:
      - Seconds to wait for another run on the same folder. With V(0) the module fails at once.
      - What a run that died has left behind is taken over after about a minute.
    type: int
    default: 120
notes:
  - The host that runs the module needs Python 3.8 or later and nothing else.
  - What was published with O(webdeploy.ftp.ftp_sync#module:backup=0) cannot be undone. If such a publication lies
    between, there is a warning, and what only that one changed stays as it is.
  - Permissions of files come back with them. Those that were changed without the content are not undone.
seealso:
  - module: webdeploy.ftp.ftp_sync
"""

EXAMPLES = r"""
- name: Undo the latest publication
  webdeploy.ftp.ftp_rollback:
    remote: ftps://www.example.com/htdocs
    username: joe
    password: "{{ vault_ftp_password }}"
  delegate_to: localhost

- name: See what undoing it would change, and change nothing
  webdeploy.ftp.ftp_rollback:
    remote: ftps://www.example.com/htdocs
    username: joe
    password: "{{ vault_ftp_password }}"
  check_mode: true
  diff: true
  delegate_to: localhost

- name: List what can be undone
  webdeploy.ftp.ftp_rollback:
    remote: ftps://www.example.com/htdocs
    username: joe
    password: "{{ vault_ftp_password }}"
    state: listed
  delegate_to: localhost
  register: published

- name: Deploy, and undo exactly that if the site does not answer
  delegate_to: localhost
  module_defaults:
    group/webdeploy.ftp.all:
      remote: ftps://www.example.com/htdocs
      username: joe
      password: "{{ vault_ftp_password }}"
  block:
    - name: Deploy
      webdeploy.ftp.ftp_sync:
        local: site/
        delete: true
        backup: 3
      register: deployed

    - name: Look at the site
      ansible.builtin.uri:
        url: https://www.example.com/
  rescue:
    - name: Undo the deployment
      webdeploy.ftp.ftp_rollback:
        backup_id: "{{ deployed.backup_id }}"
      when: deployed.backup_id is defined and deployed.backup_id is not none

- name: Put back what was undone
  webdeploy.ftp.ftp_rollback:
    remote: ftps://www.example.com/htdocs
    username: joe
    password: "{{ vault_ftp_password }}"
    backup_id: 20260314T092650Z-7
    state: redone
  delegate_to: localhost
"""

RETURN = r"""
backup_ids:
  description: The publications that were undone or redone, in that order. In check mode those that would be.
  returned: always
  type: list
  elements: str
  sample: [20260314T092650Z-7]
restored:
  description: Files that were put back, whether something stood there or not.
  returned: always
  type: list
  elements: str
  sample: [index.html, old.html]
withdrawn:
  description: Files that were taken away. They are kept in their backup set.
  returned: always
  type: list
  elements: str
  sample: [new.html]
created_directories:
  description: Folders that were created.
  returned: always
  type: list
  elements: str
  sample: []
removed_directories:
  description: Folders that were removed. One that is not empty stays.
  returned: always
  type: list
  elements: str
  sample: [css]
drifted:
  description: Files that were changed or removed on the server since they were published. See O(force).
  returned: always
  type: list
  elements: str
  sample: [contact.html]
conflicts:
  description: What was left alone, because it was changed on the server, or because something stands in the way.
  returned: always
  type: list
  elements: dict
  contains:
    path:
      description: Path relative to O(remote).
      returned: always
      type: str
      sample: news.html
    reason:
      description: Why it was left alone.
      returned: always
      type: str
      sample: was changed on the server since (force is off)
  sample: []
operations:
  description:
    - All that was done, in the order of the plan.
    - The list of a check mode run and that of the run that follows are equal.
  returned: always
  type: list
  elements: dict
  contains:
    path:
      description: Path relative to O(remote), with C(/) between its parts.
      returned: always
      type: str
      sample: index.html
    operation:
      description: What was done, one of V(restore), V(withdraw), V(create_directory), V(remove_directory).
      returned: always
      type: str
      sample: restore
    kind:
      description: What stands at the path, one of V(file), V(directory), V(link).
      returned: always
      type: str
      sample: file
    reason:
      description: Why.
      returned: always
      type: str
      sample: replaced since
    size:
      description: Size of the file in bytes.
      returned: always
      type: int
      sample: 5120
  sample:
    - path: index.html
      operation: restore
      kind: file
      reason: replaced since
      size: 5120
errors:
  description: Operations that failed. With any of them the module has failed. The next run goes on with them.
  returned: always
  type: list
  elements: dict
  contains:
    path:
      description: Path relative to O(remote).
      returned: always
      type: str
      sample: index.html
    operation:
      description: What was tried, as in RV(operations).
      returned: always
      type: str
      sample: restore
    message:
      description: Why it failed, in one line.
      returned: always
      type: str
      sample: "index.html: cannot be moved: 550 Permission denied."
  sample: []
skipped_operations:
  description: Operations that were not tried because of an error before them. Elements are as in RV(operations).
  returned: always
  type: list
  elements: dict
  sample: []
backups:
  description: All backup sets, newest first, as they are after the run. In check mode as they would be.
  returned: always
  type: list
  elements: dict
  contains:
    id:
      description: What O(backup_id) takes.
      returned: always
      type: str
      sample: 20260314T092650Z-7
    time:
      description: When it was published, in UTC, by the clock of the host that did.
      returned: always
      type: str
      sample: "2026-03-14T09:26:50Z"
    generation:
      description: Counts publications and rollbacks of the site.
      returned: always
      type: int
      sample: 7
    replaced:
      description: Number of files that this publication replaced.
      returned: always
      type: int
      sample: 12
    added:
      description: Number of files that it added.
      returned: always
      type: int
      sample: 1
    deleted:
      description: Number of files that it deleted.
      returned: always
      type: int
      sample: 0
    undone:
      description: Whether it is undone.
      returned: always
      type: bool
      sample: false
  sample:
    - id: 20260314T092650Z-7
      time: "2026-03-14T09:26:50Z"
      generation: 7
      replaced: 12
      added: 1
      deleted: 0
      undone: false
stats:
  description: The run in numbers.
  returned: always
  type: dict
  contains:
    publications:
      description: Number of RV(backup_ids).
      returned: always
      type: int
      sample: 1
    restored:
      description: Number of RV(restored).
      returned: always
      type: int
      sample: 12
    withdrawn:
      description: Number of RV(withdrawn).
      returned: always
      type: int
      sample: 1
    created_directories:
      description: Number of RV(created_directories).
      returned: always
      type: int
      sample: 0
    removed_directories:
      description: Number of RV(removed_directories).
      returned: always
      type: int
      sample: 1
    seconds:
      description: Duration.
      returned: always
      type: float
      sample: 0.42
  sample:
    publications: 1
    restored: 12
    withdrawn: 1
    seconds: 0.42
server:
  description:
    - What was found out about the server. Its keys depend on the server.
    - Empty if there was no connection.
  returned: always
  type: dict
  sample:
    tls_version: TLSv1.3
msg:
  description: Why the module failed, in one line.
  returned: failure
  type: str
  sample: "backup_id: there is no backup set 20260314T092650Z-7 in /htdocs/.ftpsync/backup; there are none"
"""

import typing as t

from ansible_collections.webdeploy.ftp.plugins.module_utils import _common
from ansible_collections.webdeploy.ftp.plugins.module_utils.ftpsync.errors import FtpSyncError
from ansible_collections.webdeploy.ftp.plugins.module_utils.ftpsync.options import STATE_DIR
from ansible_collections.webdeploy.ftp.plugins.module_utils.ftpsync.rollback import (
    report as rollback_report,
)
from ansible_collections.webdeploy.ftp.plugins.module_utils.ftpsync.rollback import (
    run as rollback,
)

ARGUMENTS: dict[str, t.Any] = {
    "backup_id": {"type": "str"},
    "state": {"type": "str", "choices": list(rollback.STATES), "default": rollback.UNDONE},
    "force": {"type": "bool", "default": True},
    "state_dir": {"type": "str", "default": STATE_DIR},
    "lock_timeout": {"type": "int", "default": 120},
}

NOTHING = rollback.RollbackResult()


def main() -> None:
    module = _common.FtpModule(rollback_report.to_dict(NOTHING), ARGUMENTS)
    result, wanted = NOTHING, None
    try:
        wanted = _common.prepare(module, rollback.validate)
        result = rollback.roll_back(
            wanted, backup_id=module.params["backup_id"], state=module.params["state"], check=module.check_mode
        )
    except FtpSyncError as exc:
        result = NOTHING._replace(error=str(exc))
    answer = rollback_report.to_dict(result)
    if module._diff:
        answer["diff"] = rollback_report.diff(result, wanted.remote) if wanted else {"before": "", "after": ""}
    paths = (item.path for item in (*result.plan.operations, *result.plan.conflicts))
    _common.finish(module, answer, result.error, rollback_report.warnings(result), paths)


if __name__ == "__main__":
    main()
