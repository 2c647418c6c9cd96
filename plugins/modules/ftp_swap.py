#!/usr/bin/python
# Copyright (c) 2026, webdeploy.ftp contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: ftp_swap
short_description: Let two versions of a website on an FTP server change places
version_added: 0.1.0
description:
  - A site has two slots. The live one is O(remote), the spare one lies beside it and is named as O(remote) with
    V(.ftpsync-next) at its end. M(webdeploy.ftp.ftp_sync) publishes into the spare one, and this module lets both
    change places, by renaming them.
  - So visitors get the whole old version or the whole new one. In between they find nothing, for the time between two
    commands on the server.
  - Afterwards the spare slot holds the previous version. To go back is to let them change places again.
  - If a run died halfway, the next one sees it and puts it right.
  - The role P(webdeploy.ftp.ftp_deploy#role) does all of it, with C(ftp_deploy_strategy) set to C(swap).
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
      - With O(state=ready) nothing is tried out, since that would write to the server.
  diff_mode:
    support: full
  idempotent:
    support: full
  platform:
    support: full
    platforms: posix
options:
  state:
    description:
      - V(whole) puts right what a run left that died halfway. If there is nothing of that sort, nothing happens.
      - V(ready) does so, too, and tries out beside O(remote) whether folders can be renamed there, with some that it
        removes again. It fails if that is not possible.
      - V(live) makes the publication O(id) the live one.
      - V(undone) makes the version before O(id) the live one again, or the one before the last without O(id).
      - V(redone) goes forward again.
      - V(listed) only tells what there is.
    type: str
    choices:
      - listed
      - whole
      - ready
      - live
      - undone
      - redone
    default: whole
  id:
    description:
      - A publication, as M(webdeploy.ftp.ftp_sync) returned it in RV(webdeploy.ftp.ftp_sync#module:publication_id).
      - O(state=live) needs it. So it is never a version that somebody else has published meanwhile.
    type: str
  shared:
    description:
      - Files and folders that belong to the site and to no version of it, such as V(uploads). They are always in the
        live slot. Relative to O(remote).
      - They go over by a rename just before the slots change places.
      - The folder in which such a path lies must be in both versions.
    type: list
    elements: str
    default: []
  state_dir:
    description:
      - Folder in which M(webdeploy.ftp.ftp_sync) keeps its record. It must lie in O(remote), since each slot has its
        own.
    type: str
    default: .ftpsync
notes:
  - The login must see the folder in which O(remote) lies, and may rename folders there.
  - If that folder is public, the spare slot is as well. In a document root no site should have a second slot.
  - The host that runs the module needs Python 3.8 or later and nothing else.
seealso:
  - module: webdeploy.ftp.ftp_sync
  - module: webdeploy.ftp.ftp_rollback
"""

EXAMPLES = r"""
- name: See whether the site can have two slots
  webdeploy.ftp.ftp_swap:
    remote: ftps://www.example.com/htdocs
    username: joe
    password: "{{ vault_ftp_password }}"
    state: ready
  delegate_to: localhost

- name: Send the new version, of which nobody sees anything yet
  webdeploy.ftp.ftp_sync:
    local: build/
    remote: ftps://www.example.com/htdocs.ftpsync-next
    username: joe
    password: "{{ vault_ftp_password }}"
    exclude: [/uploads/]
    delete: true
  delegate_to: localhost
  register: next

- name: Make it the live one
  webdeploy.ftp.ftp_swap:
    remote: ftps://www.example.com/htdocs
    username: joe
    password: "{{ vault_ftp_password }}"
    state: live
    id: "{{ next.publication_id }}"
    shared: [uploads]
  delegate_to: localhost

- name: Go back to the version before it
  webdeploy.ftp.ftp_swap:
    remote: ftps://www.example.com/htdocs
    username: joe
    password: "{{ vault_ftp_password }}"
    state: undone
    id: "{{ next.publication_id }}"
    shared: [uploads]
  delegate_to: localhost
"""

RETURN = r"""
live:
  description: The live slot, as it is at the end. In check mode, as it would be.
  returned: always
  type: dict
  contains: &slot
    path:
      description: Its absolute path. Null if an option was wrong.
      returned: always
      type: str
      sample: /htdocs
    suffix:
      description:
        - What has to be appended to O(remote) to get to it. Nothing for the live slot and V(.ftpsync-next) for the
          spare one, unless O(state=listed) or check mode found them on their way.
      returned: always
      type: str
      sample: ""
    exists:
      description: Whether it is there.
      returned: always
      type: bool
      sample: true
    publication_id:
      description: What it holds. Null if that was not published by M(webdeploy.ftp.ftp_sync).
      returned: always
      type: str
      sample: 20260314T092650Z-7-1f0a33c9
    turn:
      description: Of two slots the one with the higher number was live later. 0 if it never was.
      returned: always
      type: int
      sample: 4
    shared:
      description: Those of O(shared) that are in it.
      returned: always
      type: list
      elements: str
      sample: [uploads]
spare:
  description: The spare slot.
  returned: always
  type: dict
  contains: *slot
renames:
  description: What was renamed, in order. In check mode, what would be.
  returned: always
  type: list
  elements: dict
  contains:
    path:
      description: Absolute path.
      returned: always
      type: str
      sample: /htdocs.ftpsync-next
    dest:
      description: Its new absolute path.
      returned: always
      type: str
      sample: /htdocs
    reason:
      description: Why.
      returned: always
      type: str
      sample: becomes the live slot
repaired:
  description: Whether a run had died halfway.
  returned: always
  type: bool
  sample: false
seconds:
  description:
    - How long it took the slots to change places, with the time to the server and back. Visitors found nothing for a
      part of it. Null if they did not change places.
  returned: always
  type: float
  sample: 0.021
msg:
  description: Why the module failed, in one line, with the option that may help.
  returned: failure
  type: str
  sample: "remote: is the root of this login, and beside it there is no place for a second slot"
"""

import signal
import typing as t

from ansible_collections.webdeploy.ftp.plugins.module_utils import _common
from ansible_collections.webdeploy.ftp.plugins.module_utils.ftpsync import target
from ansible_collections.webdeploy.ftp.plugins.module_utils.ftpsync.errors import FtpSyncError
from ansible_collections.webdeploy.ftp.plugins.module_utils.ftpsync.options import STATE_DIR
from ansible_collections.webdeploy.ftp.plugins.module_utils.ftpsync.slots import run as slots
from ansible_collections.webdeploy.ftp.plugins.module_utils.ftpsync.slots.plan import STATES, WHOLE, validate

ARGUMENTS: dict[str, t.Any] = {
    "state": {"type": "str", "choices": list(STATES), "default": WHOLE},
    "id": {"type": "str"},
    "shared": {"type": "list", "elements": "str", "default": []},
    "state_dir": {"type": "str", "default": STATE_DIR},
}


def main() -> None:
    # Whoever ends this process lets the lock be given back.
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    module = _common.FtpModule(slots.to_dict(None, slots.Result()), ARGUMENTS)
    result, wanted = slots.Result(), None
    try:
        site = _common.prepare(module, target.validate)
        wanted = validate(module.params, site)
        result = slots.arrange(wanted, check=module.check_mode)
    except FtpSyncError as exc:
        result = slots.Result(error=str(exc))
    answer = slots.to_dict(wanted, result)
    if module._diff:
        answer["diff"] = [
            {"prepared": f"{step['path']} -> {step['dest']} – {step['reason']}\n"} for step in answer["renames"]
        ]
    _common.finish(module, answer, result.error)


if __name__ == "__main__":
    main()
