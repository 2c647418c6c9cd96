#!/usr/bin/python
# Copyright (c) 2026, webdeploy.ftp contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: ftp_sync
short_description: Make a folder on an FTP server and a local one equal
version_added: 0.1.0
description:
  - Compares a local folder with a folder on an FTP or FTPS server, and transfers only what differs. O(direction) says
    whether the server, the local folder, or both are changed.
  - With O(direction=upload) a record on the server tells what was published and with which content. So a second run
    changes nothing, even from a fresh checkout in which all times are new, and only what this module has published is
    deleted (see O(record) and O(delete)).
  - New files are uploaded under other names, verified, and then renamed in one burst, so that visitors of a website see
    neither a truncated file nor half of a new version (see O(publish)).
  - With O(direction=download) and O(direction=sync) sizes and times tell what has changed since the last run, by
    records in the local folders. Each file arrives under another name beside its destination, and takes its place at
    once when all of it is there.
  - Check mode sends no command that could change the server and writes nothing locally, not even O(report). It
    foretells exactly what the run will do.
  - A run that could not do all it was asked to do fails. The lists of its result tell what was done.
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
    support: full
  platform:
    support: full
    platforms: posix
options:
  local:
    description:
      - Folder on the host that runs the module. It is uploaded, or with O(direction=download) downloaded into, or with
        O(direction=sync) both. For a folder of the controller run the task there, with C(delegate_to) or in a play with
        C(connection) set to C(local). A relative path then counts from the playbook's folder.
      - Its content belongs into the folder O(remote) and the reverse, with or without a slash at its end.
      - Nothing is ever written or deleted through a symbolic link that leads out of it.
    type: path
    required: true
  direction:
    description:
      - V(upload) makes the server equal to O(local), V(download) makes O(local) equal to the server. The other side is
        only read.
      - V(sync) brings what is new, changed or deleted on either side since the last run to the other one. The first run
        deletes nothing, and gives each side what it lacks. If both sides have changed the same file, O(resolve) says
        which one wins.
      - V(sync) knows, of files that it has transferred or found equal, what was deleted and which side has changed.
      - O(adopt), O(backup), O(delete_unmanaged), O(hash_cache), O(record_cache), O(scan=trust), O(file_mode),
        O(directory_mode), O(preserve_mtime=false), O(compare=checksum) and O(compare=size) are for O(direction=upload)
        alone, and not with O(record=folder). O(publish), O(entry_points) and O(lock_timeout) have no effect elsewhere.
    type: str
    choices:
      - upload
      - download
      - sync
    default: upload
  match:
    description:
      - Patterns of the files that take part, such as V(*.html). Without any, all files do.
      - Patterns are those of C(.gitignore). Folders are not filtered by them.
    type: list
    elements: str
    default: []
  exclude:
    description:
      - Patterns of files and folders that take no part. They are neither transferred nor deleted.
      - Patterns are those of C(.gitignore). V(*.map) holds at every depth, V(/build) for the top level only,
        V(cache/) for folders only. V(!keep.map) takes an earlier one back, and the last that matches counts. Below an
        excluded folder nothing takes part.
      - Left out from the beginning are V(.git), V(.hg), V(.svn), V(.DS_Store), V(._*), V(Thumbs.db), V(desktop.ini),
        V(#recycle) and V(@eaDir). If you do want one of them, name it with an exclamation mark.
    type: list
    elements: str
    default: []
  exclude_from:
    description:
      - Files with patterns for O(exclude), one a line, in the format of C(.gitignore). They count before those of
        O(exclude).
      - Their patterns are relative to O(local), wherever the file lies.
    type: list
    elements: path
    default: []
  protect:
    description:
      - Patterns, as for O(exclude), of what is never deleted or replaced, whatever other options say, on the side that
        is changed. With O(direction=sync) these are both sides. What is missing there is still copied.
      - Use it for what the site itself writes, such as V(/uploads/) or V(/config.php), and with O(direction=download)
        for what belongs to the local folder alone.
    type: list
    elements: str
    default: []
  force:
    description:
      - Whether the source is the truth, that is O(local), or with O(direction=download) the server. Files that were
        changed or removed at the destination since the last run (RV(drifted)) are put right then, and files of others
        are replaced where the source has a file of the same path.
      - With V(false) they are reported in RV(drifted) or RV(conflicts) and left alone. Use that where people edit at
        the destination.
      - It has no effect with O(direction=sync), where both sides are as true.
    type: bool
    default: true
  delete:
    description:
      - Whether files and folders are deleted at the destination when the source lacks them.
      - With O(record=server) only what was published by this module, and is unchanged since, is deleted. The rest is
        reported in RV(unmanaged) or RV(conflicts).
      - With O(record=none) and O(record=folder), and so with O(direction=download), nobody knows who owns what, and
        B(everything) that the source lacks is deleted. What was changed at the destination since the last run is a
        conflict (see O(resolve)).
      - What is protected or excluded stays. If the source has no files at all, the module fails.
      - It is refused with O(direction=sync), which always brings deletions of either side to the other one. Limit them
        with O(max_delete).
    type: bool
    default: false
  delete_unmanaged:
    description:
      - Whether O(delete) with O(record=server) also removes what this module never published.
      - Use it for folders in which nobody else may have anything, after a look at RV(unmanaged).
    type: bool
    default: false
  delete_unmatched:
    description:
      - Whether O(delete) also removes what O(match) and O(exclude) leave out, with what is left out from the beginning.
    type: bool
    default: false
  max_delete:
    description:
      - The most files that a run may delete, as a number such as V(10) or as a share of the files at the destination
        such as V(25%). A run that would delete more fails before anything is changed, in check mode, too. With
        O(direction=sync) it holds for each side.
      - If not set, there is no limit.
    type: str
  resolve:
    description:
      - What happens to conflicts, that is to files that changed on both sides where O(force) does not decide, or
        whose way something bars.
      - V(skip) leaves them alone, warns, and reports them in RV(conflicts). V(fail) fails before anything is changed.
      - V(local) and V(remote) let that side win. If the winner has deleted the file, it is deleted on the other side,
        too. With O(direction=upload) V(remote) is refused, and V(local) with O(direction=download).
      - V(old) and V(new) let the file win that changed earlier or later, and are for O(direction=sync). Where one side
        has deleted the file, and where times are equal, they decide nothing, and the file is left alone.
      - Where a file on one side meets a folder on the other, it decides with O(record=server) and O(record=none) of an
        upload only.
    type: str
    choices:
      - skip
      - fail
      - local
      - remote
      - old
      - new
    default: skip
  record:
    description:
      - Where is kept how both sides were when they were last known to be equal.
      - V(server) keeps it in O(state_dir) on the server, so that all who publish share it. It is for
        O(direction=upload).
      - V(folder) keeps it in each folder of O(local), in a file C(.pyftpsync-meta.json) that C(pyftpsync) 3.1 and 4.1
        read and write as well. Keep these files, since without them nobody knows what was deleted, and leave them out
        of version control. A server that cannot set times gets such a file, too, in each folder that is uploaded to.
        While anything is uploaded there is a C(.pyftpsync-lock.json), which is a sign for other programs and bars
        nobody. None of these files ever takes part.
      - V(none) keeps nothing. Every run compares the files themselves, as O(compare) says. With O(direction=sync) it
        then deletes nothing, the newer one of two files wins, and the server must be able to set times.
      - V(auto) means V(server) for O(direction=upload), else V(folder).
    type: str
    choices:
      - auto
      - server
      - folder
      - none
    default: auto
  adopt:
    description:
      - What to do with a file that is on the server already and was never published by this module, when O(local) has
        one of the same path.
      - V(none) sends it.
      - V(size) takes it over without sending it if the sizes are equal. That is quick, and an assumption.
      - V(hash) takes it over if the contents are equal. A server that can tell the SHA-256 of files, by C(HASH) or
        C(XSHA256), is asked for it. From others, and what it does not tell, is read back.
      - V(records) takes over what another program has recorded and the sizes on the server confirm, files that O(local)
        no longer has included, so that O(delete) knows them as published. It reads C(.ftp-deploy-sync-state.json) of
        FTP-Deploy-Action and C(.htdeployment) of ftp-deployment in O(remote), and C(.pyftpsync-meta.json) in O(local).
        The latter two confirm only what O(local) still has. Only as long as there is no record of this module.
      - RV(adopted) lists what was taken over. For the first run against a site that was deployed by other means.
    type: str
    choices:
      - none
      - size
      - hash
      - records
    default: none
  compare:
    description:
      - How it is found out that a file has changed.
      - V(checksum) compares the content, with the SHA-256 in the record. With O(record=none) files of equal size are
        read back from the server, which takes its time, unless the server can tell their SHA-256.
      - V(mtime) compares size and time of change, and reads only what differs in them. Good for large trees whose
        times can be trusted.
      - V(size) compares the size alone, and overlooks changes that keep it.
      - V(auto) means V(checksum) with O(record=server), else V(mtime).
      - With O(record=folder), and with O(direction=download) and O(direction=sync), it is always size and time, and
        times less than about two seconds apart are equal.
    type: str
    choices:
      - auto
      - checksum
      - mtime
      - size
    default: auto
  scan:
    description:
      - How much of the server a run looks at before it decides.
      - V(full) asks about each file and each folder, so that whatever others have changed is found. On most servers
        this takes few round trips, however large the site is.
      - V(trust) asks about the folders in which something has changed in O(local), and believes the record of all
        others. So nothing that others have changed is replaced or deleted unnoticed, but what they have changed
        elsewhere stays as it is, and is not reported. A run that finds nothing to do logs in, and reads the record.
      - V(trust) is for sites that nobody else changes, on servers that list slowly. Where there is no record yet, or a
        run was interrupted, it looks at everything.
      - V(trust) needs O(record=server), and no O(delete_unmanaged).
    type: str
    choices:
      - full
      - trust
    default: full
  publish:
    description:
      - How new files come to their place on the server, with O(record=server) and O(record=none). Otherwise, and in
        O(local), each file is written beside its destination and renamed at once.
      - V(staged) uploads all of them into O(state_dir), verifies them, and only then renames them into place, assets
        first, pages next, O(entry_points) last. If anything cannot be uploaded, nothing is published. An interrupted
        run is continued by the next one.
      - V(direct) uploads each file beside its destination and renames it at once. Use it if the server does not let
        files be renamed into other folders, or if there is no space for a second copy.
      - V(prepare) only uploads, into O(state_dir), and publishes nothing. The next run with V(staged) finds the content
        there and has only to rename it. In between a maintenance page can be put up. RV(uploaded) and RV(operations)
        are then about what was sent. Needs O(record=server).
    type: str
    choices:
      - staged
      - direct
      - prepare
    default: staged
  backup:
    description:
      - How many sets of replaced and deleted files are kept on the server, in O(state_dir). Each run that changes
        something makes one (RV(backup_id)), and the oldest ones are dropped.
      - With V(0) none is made, and files are replaced without any gap. Otherwise a file is missing for the moment
        between two renames.
    type: int
    default: 0
  state_dir:
    description:
      - Folder on the server for record, lock, uploads under way and backups. Relative to O(remote), or absolute.
      - It is never content, and a C(.htaccess) in it keeps visitors of Apache out. For other web servers choose a
        folder outside of the document root, such as V(/private/ftpsync).
    type: str
    default: .ftpsync
  entry_points:
    description:
      - Patterns of names of files that are published last, since visitors enter by them or since they decide how
        others are served. C(*) and C(?) are understood, upper and lower case are the same.
    type: list
    elements: str
    default:
      - index.*
      - default.*
      - .htaccess
      - .user.ini
      - web.config
      - sw.js
      - service-worker.js
      - serviceworker.js
      - "*.webmanifest"
      - manifest.json
  file_mode:
    description:
      - Permissions of files on the server, such as V('0644'). Write them in quotes, with a zero in front.
      - If not set, the server decides, and permissions are not managed. The same holds, with a warning, if the server
        cannot set them.
    type: raw
  directory_mode:
    description: Permissions of folders on the server, such as V('0755'). See O(file_mode).
    type: raw
  preserve_mtime:
    description:
      - Whether files on the server get the time of the local ones, if the server is able to.
      - With V(false) they have the time of their upload. That is refused with O(record=folder), O(direction=download)
        and O(direction=sync), where the times tell what has changed.
    type: bool
    default: true
  symlinks:
    description:
      - What happens to symbolic links in O(local). FTP cannot create links.
      - V(follow) takes them for what they lead to. V(skip) leaves them out, and what has their names on the server with
        them. V(fail) fails.
      - A link that is replaced or deleted goes itself, and not what it leads to. What lies behind a link that leads out
        of O(local) is uploaded, but never changed.
    type: str
    choices:
      - follow
      - skip
      - fail
    default: follow
  create_root:
    description:
      - Whether the folder to write to is created if it does not exist, with those above it. That is O(remote), with
        O(direction=download) it is O(local), and with O(direction=sync) either of them.
      - With V(false) the module fails then. Use it where a missing folder means the wrong account, or a disk that is
        not mounted.
    type: bool
    default: true
  lock_timeout:
    description:
      - Seconds to wait for another run on the same folder. With V(0) the module fails at once.
      - What a run that died has left behind is taken over after about a minute.
      - Only runs with O(record=server), or with O(record=none) and O(publish=staged), keep each other out.
    type: int
    default: 120
  report:
    description:
      - File to write a report of the run to, on the host that runs the module. Its folder must exist, and it replaces
        the report of the run before. Whether it ends in V(.html), V(.md) or V(.json) decides on its format.
      - It tells what changed and why, sizes and times, what differs on the server, warnings, errors, what the server
        is, and, if there is a backup set (O(backup)), how to undo the run. Passwords are not in it.
      - The HTML page is one file that loads nothing and has no script. Of a long list it has the first 1000 paths, and
        the number of all. JSON has all of them.
      - It is written after each run, also after one that failed or had nothing to do, but B(not in check mode), which
        writes nothing. Nor is it if the options cannot be understood.
      - A report is no change, so RV(ignore:changed) does not tell of it. If it cannot be written in the end, that
        is a warning.
      - It may lie in O(local) only where O(exclude) leaves it out. Otherwise visitors could read it.
    type: path
  progress_file:
    description:
      - File to write to how far the run is, on the host that runs the module, for programs that follow it. Its folder
        must exist, and what was in the file goes.
      - Each line is a JSON object. One is added about every second in which something has changed. In it are C(phase)
        (C(scan), C(plan), C(transfer), C(publish), C(delete), C(record), and C(done) in the last line, also of a run
        that fails), C(files_done) and C(files_total), C(bytes_done) and C(bytes_total) of what is to be transferred,
        C(rate) in bytes a second, and C(remaining) seconds, or null where nobody knows. Numbers can go back, where a
        connection was lost and something has to be sent again. There are no names in it.
      - People need not set it. If it is not set, and if Ansible runs on a terminal, in a play or task with connection
        V(local) or delegated to V(localhost), then lines with these numbers are shown while the task runs. The first
        comes after three seconds, and the longer it takes, the rarer they get.
      - The variable C(webdeploy_ftp_progress), or else the environment variable E(WEBDEPLOY_FTP_PROGRESS) of the
        controller, decides whether such lines are shown. V(false) means never. V(true) means also where output goes to
        a file or pipe, where another stdout callback than V(ansible.builtin.default) is used, as in AWX, and where
        C(display_ok_hosts) is off. With C(async), C(no_log), other connections, and a C(become_user) that is not root,
        there are none.
      - It never makes a run fail. If it cannot be written, that is a warning. Check mode does not write it.
      - It may lie in O(local) only where O(exclude) leaves it out.
    type: path
  hash_cache:
    description:
      - File that remembers digests of the files in O(local) from run to run, on the host that runs the module. Its
        folder must exist. If not set, each run reads all files that O(compare) asks it to.
      - Use it where a folder goes to many servers, or is large. It is then hashed once, also if many runs begin at
        once. One file can serve all folders and all servers.
      - A digest counts only while a file has the same path, device, inode, size, time of change and C(ctime). Since
        nobody can set the latter, a change that keeps size and time is found as well. Files that changed within the
        last two seconds are not remembered. Do not use it with file systems that know no C(ctime) (FAT and exFAT), or
        with files that another program changes through a memory mapping.
      - The file has mode C(0600). Passwords are not in it, but absolute paths, sizes and digests are. It is of use to
        the user who owns it only, and is ignored where others may write to it. Beside it lies an empty file whose name
        ends in C(.lock).
      - Check mode reads it, but B(does not write it).
      - It never makes a run fail. If it is damaged or cannot be written, that is a warning, and files are read as
        without it. It may be deleted at any time. What was of no use for 30 days is dropped, and so is the oldest
        beyond 250,000 files.
      - It may lie in O(local) only where O(exclude) leaves it out, with all names that begin like it.
    type: path
  record_cache:
    description:
      - Folder for copies of the records that lie on servers, on the host that runs the module. It is made if it is
        missing. If not set, each run fetches the record.
      - Use it where runs that find nothing to do shall be quick, or where a site has many files. A run then asks the
        server for size and time of its record only, and reads the copy if they are those of the copy. What the site
        holds is looked at as thoroughly as without. It saves five or six round trips, and the record's bytes.
      - A copy also tells that this host has logged in there before, with or without TLS as now. So the password leaves
        together with the user name, and does not wait for the server to ask for it.
      - There is one file for each target. It has mode C(0600), and is ignored where others may write to it. Passwords
        are not in it, but paths, sizes and digests of what was published are. Copies that were not written for 30 days
        are deleted.
      - Check mode reads copies, but B(does not write any).
      - It never makes a run fail. A damaged copy is not used, and one that cannot be written is a warning. The folder
        may be deleted at any time.
      - It needs O(record=server), and may lie in O(local) only where O(exclude) leaves it out.
    type: path
notes:
  - The host that runs the module needs Python 3.8 or later and nothing else.
  - Ansible prints the whole result at C(-v). For many files, look at RV(stats) or use C(--diff) instead.
  - A run with O(direction=download) or O(direction=sync) that is killed leaves no file half written. It may leave
    temporary files whose names begin with C(.ftpsync-), which a later run removes.
seealso:
  - name: gitignore
    description: The language of the patterns.
    link: https://git-scm.com/docs/gitignore
  - module: ansible.builtin.uri
"""

EXAMPLES = r"""
- name: Deploy a website
  webdeploy.ftp.ftp_sync:
    local: site/
    remote: ftps://www.example.com/htdocs
    username: joe
    password: "{{ vault_ftp_password }}"
    delete: true
  delegate_to: localhost

- name: See what a deployment would change, and change nothing
  webdeploy.ftp.ftp_sync:
    local: site/
    remote: ftps://www.example.com/htdocs
    username: joe
    password: "{{ vault_ftp_password }}"
    delete: true
  check_mode: true
  diff: true
  delegate_to: localhost

- name: Deploy to shared hosting, where the site itself and its plugins write files
  webdeploy.ftp.ftp_sync:
    local: public/
    remote: ftps://ftp.example.org/www
    username: joe
    password: "{{ vault_ftp_password }}"
    delete: true
    max_delete: 25%
    protect:
      - /uploads/
      - /config.php
      - .well-known/
    state_dir: /private/ftpsync
    backup: 3
    file_mode: "0644"
    directory_mode: "0755"
  delegate_to: localhost

- name: Deploy, and keep a page that tells what was done
  webdeploy.ftp.ftp_sync:
    local: site/
    remote: ftps://www.example.com/htdocs
    username: joe
    password: "{{ vault_ftp_password }}"
    backup: 3
    report: deployment.html
  delegate_to: localhost

- name: Deploy one folder to all accounts of a fleet, and read it only once
  webdeploy.ftp.ftp_sync:
    local: site/
    remote: "ftps://{{ inventory_hostname }}/htdocs"
    username: "{{ ftp_user }}"
    password: "{{ ftp_password }}"
    delete: true
    hash_cache: ~/.cache/webdeploy-ftp-hashes
    record_cache: ~/.cache/webdeploy-ftp-records
  delegate_to: localhost

- name: Trust nothing but this very certificate
  webdeploy.ftp.ftp_sync:
    local: site/
    remote: ftps://203.0.113.7/htdocs
    username: joe
    password: "{{ vault_ftp_password }}"
    tls_fingerprint: 5B:1E:8D:6C:2F:90:A7:34:C1:0D:77:E2:4A:B9:63:18:F5:0C:9E:21:D8:3B:46:7F:AA:52:E0:19:84:6D:C3:0B
  delegate_to: localhost

- name: Leave out what git ignores, and more
  webdeploy.ftp.ftp_sync:
    local: "{{ playbook_dir }}/.."
    remote: ftps://www.example.com/htdocs
    username: joe
    password: "{{ vault_ftp_password }}"
    exclude_from:
      - "{{ playbook_dir }}/../.gitignore"
    exclude:
      - .gitignore
      - /playbooks/
      - "*.md"
  delegate_to: localhost

- name: Keep no record on the server, and compare sizes and times instead
  webdeploy.ftp.ftp_sync:
    local: handbook/
    remote: ftp://nas.example.net/share/handbook
    tls: explicit
    username: joe
    password: "{{ vault_ftp_password }}"
    record: none
    compare: mtime
    publish: direct
  delegate_to: localhost

- name: Upload several sites with what they have in common said once
  module_defaults:
    group/webdeploy.ftp.all:
      username: joe
      password: "{{ vault_ftp_password }}"
      connections: 8
  delegate_to: localhost
  block:
    - name: Upload each site
      webdeploy.ftp.ftp_sync:
        local: "sites/{{ item }}/"
        remote: "ftps://{{ item }}/htdocs"
        delete: true
      loop:
        - www.example.com
        - blog.example.com

- name: Fetch the web server's logs, and keep those that the host has dropped since
  webdeploy.ftp.ftp_sync:
    direction: download
    local: /var/backups/example.com/logs/
    remote: ftps://www.example.com/logs
    username: joe
    password: "{{ vault_ftp_password }}"
    match:
      - "*.gz"

- name: Keep a copy of a whole site, which loses a quarter of its files at most
  webdeploy.ftp.ftp_sync:
    direction: download
    local: /var/backups/example.com/site/
    remote: ftps://www.example.com/htdocs
    username: joe
    password: "{{ vault_ftp_password }}"
    exclude:
      - /cache/
    delete: true
    max_delete: 25%

- name: Exchange files with a partner, in both directions
  webdeploy.ftp.ftp_sync:
    direction: sync
    local: exchange/
    remote: ftps://ftp.partner.example/exchange
    username: joe
    password: "{{ vault_partner_password }}"
    resolve: new
    max_delete: 10
  delegate_to: localhost
  register: exchanged
  failed_when: exchanged is failed or exchanged.conflicts | length > 0

- name: Upload with the records of pyftpsync, in turn with people who use its command line
  webdeploy.ftp.ftp_sync:
    local: handbook/
    remote: ftps://www.example.com/handbook
    username: joe
    password: "{{ vault_ftp_password }}"
    record: folder
    force: false
  delegate_to: localhost

- name: Leave alone what somebody changed on the server, and tell
  webdeploy.ftp.ftp_sync:
    local: site/
    remote: ftps://www.example.com/htdocs
    username: joe
    password: "{{ vault_ftp_password }}"
    force: false
  delegate_to: localhost
  register: deployed
  failed_when: deployed is failed or deployed.drifted | length > 0
"""

RETURN = r"""
uploaded:
  description: Files that were uploaded. In check mode, here as in all other lists, those that would be.
  returned: always
  type: list
  elements: str
  sample: [css/site.css, index.html]
downloaded:
  description: Files that were downloaded. Empty with O(direction=upload).
  returned: always
  type: list
  elements: str
  sample: [logs/access.log]
deleted:
  description: Files and folders that were deleted. RV(operations) tells on which side.
  returned: always
  type: list
  elements: str
  sample: [old.html]
created_directories:
  description: Folders that were created. RV(operations) tells on which side.
  returned: always
  type: list
  elements: str
  sample: [css]
conflicts:
  description: What was left alone because both sides changed, or because something stands in the way. See O(resolve).
  returned: always
  type: list
  elements: dict
  contains:
    path:
      description: Path relative to O(local) and O(remote).
      returned: always
      type: str
      sample: news.html
    reason:
      description: Why it was left alone.
      returned: always
      type: str
      sample: changed on both sides
  sample: []
drifted:
  description:
    - Files and folders that were changed or removed at the destination since they were published or downloaded. See
      O(force).
    - Empty with O(direction=sync) and O(record=none).
  returned: always
  type: list
  elements: str
  sample: [contact.html]
adopted:
  description: Files that were on the server already and are taken for published from now on. See O(adopt).
  returned: always
  type: list
  elements: str
  sample: [images/logo.png]
unmanaged:
  description: What is on the server and was never published by this module. A folder stands for all that is in it.
  returned: always
  type: list
  elements: str
  sample: [uploads, google1234.html]
operations:
  description:
    - All that was done, in the order of the plan.
    - The list of a check mode run and that of the run that follows are equal.
  returned: always
  type: list
  elements: dict
  contains:
    path:
      description: Path relative to O(local) and O(remote), with C(/) between its parts.
      returned: always
      type: str
      sample: index.html
    operation:
      description: What was done, one of V(create_directory), V(upload), V(download), V(delete), V(set_mode).
      returned: always
      type: str
      sample: upload
    side:
      description: Which side it changed, V(remote) for the server or V(local).
      returned: always
      type: str
      sample: remote
    kind:
      description: What stands at the path, one of V(file), V(directory), V(link).
      returned: always
      type: str
      sample: file
    reason:
      description: Why.
      returned: always
      type: str
      sample: content changed
    size:
      description: Size of the file in bytes.
      returned: always
      type: int
      sample: 5120
  sample:
    - path: index.html
      operation: upload
      side: remote
      kind: file
      reason: content changed
      size: 5120
errors:
  description: Operations that failed. With any of them the module has failed.
  returned: always
  type: list
  elements: dict
  contains:
    path:
      description: Path relative to O(local) and O(remote).
      returned: always
      type: str
      sample: big.iso
    operation:
      description:
        - What was tried, as in RV(operations).
        - V(plan) if it was clear before anything was tried, as with a folder that cannot be listed. Nothing is
          concluded from such a path, and it is left alone on both sides.
      returned: always
      type: str
      sample: upload
    message:
      description: Why it failed, in one line.
      returned: always
      type: str
      sample: "big.iso: 552 Quota exceeded"
  sample: []
skipped_operations:
  description: Operations that were not tried because of an error before them. Elements are as in RV(operations).
  returned: always
  type: list
  elements: dict
  sample: []
stats:
  description: The run in numbers.
  returned: always
  type: dict
  contains:
    local_files:
      description: Files in O(local) that take part.
      returned: always
      type: int
      sample: 212
    local_bytes:
      description: Their size.
      returned: always
      type: int
      sample: 7340032
    remote_files:
      description: Files that were seen on the server before anything was changed.
      returned: always
      type: int
      sample: 213
    uploaded:
      description: Number of RV(uploaded).
      returned: always
      type: int
      sample: 2
    uploaded_bytes:
      description: Their size.
      returned: always
      type: int
      sample: 9216
    downloaded:
      description: Number of RV(downloaded).
      returned: always
      type: int
      sample: 0
    downloaded_bytes:
      description: Their size.
      returned: always
      type: int
      sample: 0
    deleted:
      description: Number of RV(deleted).
      returned: always
      type: int
      sample: 1
    created_directories:
      description: Number of RV(created_directories).
      returned: always
      type: int
      sample: 1
    unchanged:
      description: Files on both sides that needed nothing.
      returned: always
      type: int
      sample: 210
    sent_bytes:
      description: Bytes of content that were sent to the server.
      returned: always
      type: int
      sample: 9216
    reused:
      description: Files that an interrupted run had uploaded already.
      returned: always
      type: int
      sample: 0
    seconds:
      description: Duration.
      returned: always
      type: float
      sample: 1.42
  sample:
    local_files: 212
    uploaded: 2
    unchanged: 210
    seconds: 1.42
server:
  description:
    - What was found out about the server. Its keys depend on the server.
    - Empty if there was no connection.
  returned: always
  type: dict
  sample:
    tls_version: TLSv1.3
backup_id:
  description: The backup set that was made, or null. See O(backup).
  returned: always
  type: str
  sample: 20260314T092650Z-7
publication_id:
  description:
    - What O(remote) is at, by its record. It stays the same until something is published there.
    - Null without O(record=server).
  returned: always
  type: str
  sample: 20260314T092650Z-7-1f0a33c9
msg:
  description: Why the module failed, in one line, with the option that may help.
  returned: failure
  type: str
  sample: "local: the folder 'site' cannot be read: No such file or directory"
"""

import time
import typing as t

from ansible_collections.webdeploy.ftp.plugins.module_utils import _common
from ansible_collections.webdeploy.ftp.plugins.module_utils.ftpsync import report
from ansible_collections.webdeploy.ftp.plugins.module_utils.ftpsync.engine import synchronize
from ansible_collections.webdeploy.ftp.plugins.module_utils.ftpsync.errors import FtpSyncError
from ansible_collections.webdeploy.ftp.plugins.module_utils.ftpsync.model import Plan
from ansible_collections.webdeploy.ftp.plugins.module_utils.ftpsync.options import (
    CHOICES,
    ENTRY_POINTS,
    STATE_DIR,
    SyncOptions,
)
from ansible_collections.webdeploy.ftp.plugins.module_utils.ftpsync.progress.tally import Tally
from ansible_collections.webdeploy.ftp.plugins.module_utils.ftpsync.result import Result
from ansible_collections.webdeploy.ftp.plugins.module_utils.ftpsync.scan.patterns import read_filters, refuse_published

ARGUMENTS: dict[str, t.Any] = {
    "local": {"type": "path", "required": True},
    "direction": {"type": "str", "choices": list(CHOICES["direction"]), "default": "upload"},
    "match": {"type": "list", "elements": "str", "default": []},
    "exclude": {"type": "list", "elements": "str", "default": []},
    "exclude_from": {"type": "list", "elements": "path", "default": []},
    "protect": {"type": "list", "elements": "str", "default": []},
    "force": {"type": "bool", "default": True},
    "delete": {"type": "bool", "default": False},
    "delete_unmanaged": {"type": "bool", "default": False},
    "delete_unmatched": {"type": "bool", "default": False},
    "max_delete": {"type": "str"},
    "resolve": {"type": "str", "choices": list(CHOICES["resolve"]), "default": "skip"},
    "record": {"type": "str", "choices": list(CHOICES["record"]), "default": "auto"},
    "compare": {"type": "str", "choices": list(CHOICES["compare"]), "default": "auto"},
    "adopt": {"type": "str", "choices": list(CHOICES["adopt"]), "default": "none"},
    "scan": {"type": "str", "choices": list(CHOICES["scan"]), "default": "full"},
    "publish": {"type": "str", "choices": list(CHOICES["publish"]), "default": "staged"},
    "backup": {"type": "int", "default": 0},
    "state_dir": {"type": "str", "default": STATE_DIR},
    "entry_points": {"type": "list", "elements": "str", "default": list(ENTRY_POINTS)},
    # raw: as text, the 420 that YAML makes of an unquoted 0644 would become mode 0420.
    "file_mode": {"type": "raw"},
    "directory_mode": {"type": "raw"},
    "preserve_mtime": {"type": "bool", "default": True},
    "symlinks": {"type": "str", "choices": list(CHOICES["symlinks"]), "default": "follow"},
    "create_root": {"type": "bool", "default": True},
    "lock_timeout": {"type": "int", "default": 120},
    "report": {"type": "path"},
    "progress_file": {"type": "path"},
    "hash_cache": {"type": "path"},
    "record_cache": {"type": "path"},
}

NOTHING = Result(
    plan=Plan(operations=(), drifted=(), unmanaged=(), conflicts=(), adopted=(), records={}, records_changed=False),
    outcome=None,
    local={},
    remote={},
    server={},
    warnings=(),
    error=None,
    backup_id=None,
    seconds=0.0,
)


def main() -> None:
    module = _common.FtpModule(report.to_dict(NOTHING), ARGUMENTS)
    result, wanted, reporting, started = NOTHING, None, False, time.time()
    try:
        wanted = _common.prepare(module)
        reporting = _announce(module, wanted)
        result = _synchronize(module, wanted)
    except FtpSyncError as exc:
        result = NOTHING._replace(error=str(exc))
    answer = report.to_dict(result)
    if module._diff:
        answer["diff"] = _diff(result, wanted)
    warnings = list(report.warnings(result, wanted.direction if wanted else "upload"))
    if wanted is not None and reporting:
        warnings += _report(module, result, wanted, started)
    _common.finish(module, answer, result.error, warnings, _paths(result.plan))


# Without pyc files, as modules are run, reading the code of these options would cost each run as much as a round trip.


def _announce(module: _common.FtpModule, wanted: SyncOptions) -> bool:
    """Makes sure that the report can be written; tells whether one is wanted."""
    if not wanted.report:
        return False
    from ansible_collections.webdeploy.ftp.plugins.module_utils.ftpsync.page import file

    file.check(wanted.report, wanted.local, read_filters(wanted), check_mode=module.check_mode)
    return not module.check_mode


def _report(module: _common.FtpModule, result: Result, wanted: SyncOptions, started: float) -> list[str]:
    from ansible_collections.webdeploy.ftp.plugins.module_utils.ftpsync.page import file

    failure = file.write(result, wanted, started, map(str, module.no_log_values))
    return [failure] if failure else []


def _synchronize(module: _common.FtpModule, wanted: SyncOptions) -> Result:
    path, tally = wanted.progress_file, Tally()
    if path is not None:
        refuse_published("progress_file", path, wanted.local, read_filters(wanted))
    if path is None or module.check_mode:
        return synchronize(wanted, check=module.check_mode)
    from ansible_collections.webdeploy.ftp.plugins.module_utils.ftpsync.progress.file import ProgressFile

    with ProgressFile(path, tally) as progress:
        result = synchronize(wanted, check=False, tally=tally)
    if progress.problem is not None:
        module.warn(progress.problem)
    return result


def _diff(result: Result, wanted: SyncOptions | None) -> dict[str, str]:
    if wanted is None:
        return {"before": "", "after": ""}
    return report.diff(result, wanted.remote, wanted.local, wanted.direction)


def _paths(plan: Plan) -> set[str]:
    """All paths that the result names."""
    named = {item.path for item in (*plan.operations, *plan.conflicts)}
    return named.union(plan.drifted, plan.unmanaged)


if __name__ == "__main__":
    main()
