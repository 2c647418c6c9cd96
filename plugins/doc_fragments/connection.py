# Copyright (c) 2026, webdeploy.ftp contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""How to reach an FTP server: the options that all modules of this collection share."""

from __future__ import annotations


class ModuleDocFragment:
    DOCUMENTATION = r"""
options:
  remote:
    description:
      - URL of the folder on the server, such as V(ftps://www.example.com/htdocs).
      - V(ftps://) and V(ftpes://) encrypt everything, after the command C(AUTH TLS) on the ordinary port 21. At port
        990 V(ftps://) means implicit TLS. V(ftp://) encrypts nothing, unless O(tls=explicit) or O(tls=implicit).
      - The path counts from the root that the server shows after login. Write special characters of user, password
        and path in percent notation, for instance V(%40) for C(@) and V(%23) for C(#).
      - User and password may stand in the URL, as in V(ftps://joe:secret@www.example.com/htdocs). Better use
        O(username) and O(password), which win over the URL.
    type: str
    required: true
  username:
    description:
      - User to log in with.
      - If not set, the user in O(remote) is taken, then the environment variable E(WEBDEPLOY_FTP_USERNAME), then what
        keyring or netrc know (O(use_keyring), O(use_netrc)). Without any of them the login is anonymous.
    type: str
  password:
    description:
      - Password of O(username).
      - If not set, the password in O(remote) is taken, then the environment variable E(WEBDEPLOY_FTP_PASSWORD), then
        what keyring or netrc know (O(use_keyring), O(use_netrc)).
      - A password is used only for the user it belongs to. The one in O(remote) is ignored if O(username) names
        another user, the environment variable if E(WEBDEPLOY_FTP_USERNAME) does.
      - Keep it in a vault. Ansible shows lines of the playbook around a task that failed.
      - Ansible masks the password wherever it occurs in the result, names of files included. So do not use a short
        word.
    type: str
  port:
    description:
      - Port of the control connection.
      - If not set, the port in O(remote) is taken, else 21, or 990 for O(tls=implicit).
    type: int
  tls:
    description:
      - How the connection is encrypted. If not set, O(remote) decides.
      - V(none) encrypts nothing. Everybody on the way can read the password and change what is transferred.
      - V(explicit) begins TLS on the ordinary port with the command C(AUTH TLS). If the server does not offer that, the
        module fails before user and password are sent.
      - V(implicit) speaks TLS from the first byte, usually on port 990. Some old servers offer nothing else.
    type: str
    choices:
      - none
      - explicit
      - implicit
  validate_certs:
    description:
      - Whether the server's certificate must be valid, issued for its name, and signed by an authority that is trusted.
      - For a self-signed certificate set O(tls_fingerprint) or O(ca_path). With V(false) somebody in between can
        pretend to be the server and read the password.
    type: bool
    default: true
  ca_path:
    description:
      - File with the certificates of the authorities to trust, in PEM format, or a folder of such files.
      - If not set, the authorities of the host that runs the module are trusted.
    type: path
  tls_fingerprint:
    description:
      - SHA-256 fingerprint of the server's certificate, as C(openssl x509 -noout -fingerprint -sha256) prints it,
        with or without colons. Only this very certificate is accepted then, whoever signed it and for whatever name.
      - The message about an untrusted certificate contains its fingerprint. Compare it with what the provider
        publishes.
    type: str
  tls_server_name:
    description:
      - The name to expect in the certificate, instead of the host in O(remote).
      - Use it where a host is reached by another name or by its address, as is common on shared hosting.
    type: str
  passive:
    description:
      - Whether the module opens the data connections (passive mode), which firewalls and NAT let pass.
      - V(false) makes the server open them (active mode). That needs a host that the server can reach.
    type: bool
    default: true
  timeout:
    description:
      - Seconds without any progress after which a wait or a transfer ends. There is no limit to a transfer that
        moves.
    type: int
    default: 30
  connections:
    description:
      - How many connections are used at the same time, 1 to 32.
      - If the server takes fewer, those it takes are used. Set a lower number if other programs need some of them.
    type: int
    default: 4
  retries:
    description: How often an operation is tried again after a failure that may pass, such as a lost connection.
    type: int
    default: 4
  encoding:
    description:
      - Encoding of names on the server. V(utf-8) suits nearly every server of today.
      - For old ones try V(latin-1) or V(cp1252).
    type: str
    default: utf-8
  bandwidth_limit:
    description:
      - The most bytes a second that are transferred, over all connections together. V(0) means no limit.
      - Units of 1024 are understood, as in V(500k) and V(2M).
    type: str
    default: "0"
  use_netrc:
    description:
      - Whether missing user and password are looked up in C(~/.netrc) of the user who runs the module.
      - Only an entry for the server's own name counts, C(default) does not. The file must not be readable for others.
    type: bool
    default: true
  use_keyring:
    description:
      - Whether missing user and password are looked up in the system's keyring, before netrc, where C(pyftpsync)
        stores them.
      - Needs the Python package C(keyring) on the host that runs the module.
    type: bool
    default: false
"""
