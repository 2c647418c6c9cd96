# Copyright (c) 2026, webdeploy.ftp contributors
# SPDX-License-Identifier: GPL-3.0-or-later

"""What all tests share: where the code is imported from.

The one place that decides it. Tests import the engine as `ftpsync`, and what needs Ansible by its full name,
`ansible_collections.webdeploy.ftp.plugins...`; both are this checkout, nothing has to be installed.
"""

from __future__ import annotations

import importlib.util
import signal
import sys
from pathlib import Path

import pytest
from hypothesis import HealthCheck, settings

ROOT = Path(__file__).resolve().parent.parent
COLLECTIONS = ROOT / "collections"  # ignored by git; what ANSIBLE_COLLECTIONS_PATH wants


def _importable(name: str) -> bool:
    try:
        return importlib.util.find_spec(name) is not None
    except ModuleNotFoundError:
        return False


def _make_importable() -> None:
    for path in (str(ROOT), str(ROOT / "plugins" / "module_utils")):
        if path not in sys.path:
            sys.path.append(path)
    if _importable("ansible_collections.webdeploy.ftp"):  # ansible-test brings its own way
        return
    link = COLLECTIONS / "ansible_collections" / "webdeploy" / "ftp"
    if not link.exists():
        link.parent.mkdir(parents=True, exist_ok=True)
        link.symlink_to("../../..", target_is_directory=True)
    sys.path.append(str(COLLECTIONS))


_make_importable()

# A slow machine is no reason to fail.
settings.register_profile("patient", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("patient")

# Shells start jobs in the background with Ctrl-C ignored, and so do all their children; tests that press it need it.
if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:
    signal.signal(signal.SIGINT, signal.default_int_handler)

from tests.servers.fixtures import ftp_server, running_server, server, website  # noqa: E402 - needs the path set above

__all__ = ["ftp_server", "running_server", "server", "website"]


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """Show what tests have measured: `record_property("measured", "...")`."""
    reports = [report for reports in terminalreporter.stats.values() for report in reports]
    lines = [
        str(value)
        for report in reports
        if getattr(report, "when", "") == "call"
        for name, value in report.user_properties
        if name == "measured"
    ]
    if lines:
        terminalreporter.section("measured")
        for line in sorted(lines):
            terminalreporter.line(line)
