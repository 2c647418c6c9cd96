# Copyright (c) 2026, webdeploy.ftp contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
name: audit_page
short_description: One HTML page about what was found at many sites
version_added: 0.1.0
author:
  - webdeploy.ftp contributors (@webdeploy)
description:
  - Makes the report of the playbook C(webdeploy.ftp.audit) from what the role's C(audit.yml) has left in
    C(ftp_deploy_audit) of each host.
positional: _input
options:
  _input:
    description: The variables of the hosts.
    type: list
    elements: dict
    required: true
"""

EXAMPLES = r"""
- name: Write a page about all sites
  ansible.builtin.copy:
    content: "{{ ansible_play_hosts_all | map('extract', hostvars) | webdeploy.ftp.audit_page }}"
    dest: ftp-audit.html
    mode: "0644"
  delegate_to: localhost
  run_once: true
"""

RETURN = r"""
_value:
  description: The page, which loads nothing and has no scripts.
  type: str
"""

import time
import typing as t

from ansible_collections.webdeploy.ftp.plugins.module_utils.ftpsync.page import audit


def audit_page(hosts: t.Iterable[t.Mapping[str, t.Any]]) -> str:
    """The page as text."""
    sites = []
    for host in hosts:
        name, remote = str(host["inventory_hostname"]), str(host.get("ftp_deploy_remote") or "")
        sites.append(audit.site_from(name, remote, host.get("ftp_deploy_audit") or {}))
    return audit.render(sites, time.strftime("%Y-%m-%d %H:%M UTC", time.gmtime()))


class FilterModule:
    """The filters of this file."""

    def filters(self) -> dict[str, t.Callable[..., t.Any]]:
        return {"audit_page": audit_page}
