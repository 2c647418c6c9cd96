# Copyright (c) 2026, webdeploy.ftp contributors
# SPDX-License-Identifier: BSD-2-Clause

"""Plans of whole trees: examples that say what is meant, and properties that hold for any tree.

The properties carry plans out on a server that is a dictionary, and refuse what a real one refuses.
"""

from __future__ import annotations

import hashlib
import typing as t

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ftpsync.decide import as_listed
from ftpsync.errors import PlanRefused
from ftpsync.filters import Filters
from ftpsync.model import (
    CREATE_DIRECTORY,
    DELETE_PATH,
    DIRECTORY,
    FILE,
    LINK,
    SET_MODE,
    UPLOAD,
    Entry,
    Operation,
    Plan,
    Record,
    parent,
)
from ftpsync.options import MaxDelete
from ftpsync.plan import Rules, plan_upload

NOW = 1_800_000_000


def sha(content: str) -> str:
    return hashlib.sha256(content.encode()).hexdigest()


def local_tree(**files: str) -> dict[str, Entry]:
    """A local tree from path=content; the folders above come along. ``__`` stands for ``/``."""
    return with_folders({p.replace("__", "/"): Entry(FILE, len(c), NOW, sha256=sha(c)) for p, c in files.items()})


def remote_tree(**files: str) -> dict[str, Entry]:
    """As ``local_tree``, without digests, as a server lists it."""
    return {p: e._replace(sha256=None) for p, e in local_tree(**files).items()}


def with_folders(tree: dict[str, Entry]) -> dict[str, Entry]:
    found = dict(tree)
    for path in tree:
        above = parent(path)
        while above:
            found[above] = Entry(DIRECTORY)
            above = parent(above)
    return found


def records_of(tree: dict[str, Entry]) -> dict[str, Record]:
    """The record of a tree that was published completely."""
    return {
        p: Record(DIRECTORY) if e.kind == DIRECTORY else Record(FILE, e.size or 0, e.sha256 or "", NOW)
        for p, e in tree.items()
    }


def rules(**options: t.Any) -> Rules:
    filters = Filters(options.pop("match", ()), options.pop("exclude", ()), options.pop("protect", ()))
    return Rules(filters, **{"any_records": True, **options})


def steps(plan: Plan) -> list[tuple[str, str]]:
    return [(o.action, o.path) for o in plan.operations]


SITE = local_tree(index="1", css__a="2", css__b="3")


def test_a_first_deployment_creates_folders_then_uploads() -> None:
    plan = plan_upload(SITE, {}, {}, rules(any_records=False))
    assert steps(plan) == [(CREATE_DIRECTORY, "css"), (UPLOAD, "css/a"), (UPLOAD, "css/b"), (UPLOAD, "index")]
    assert {o.reason for o in plan.operations} == {"new"}


def test_what_is_as_recorded_needs_nothing() -> None:
    plan = plan_upload(SITE, remote_tree(index="1", css__a="2", css__b="3"), records_of(SITE), rules(delete=True))
    assert plan.operations == () and plan.drifted == () and not plan.records_changed


def test_fresh_times_of_a_checkout_mean_nothing() -> None:
    fresh = {p: e._replace(mtime=NOW + 99999) for p, e in SITE.items()}
    assert not plan_upload(fresh, remote_tree(index="1", css__a="2", css__b="3"), records_of(SITE), rules()).operations


def test_an_edit_of_equal_size_and_time_is_found() -> None:
    plan = plan_upload(local_tree(index="X"), remote_tree(index="1"), records_of(local_tree(index="1")), rules())
    assert [(o.path, o.reason, o.replaces) for o in plan.operations] == [("index", "content changed", True)]


@pytest.mark.parametrize("remote", [{"index": Entry(FILE, 9, NOW)}, {"index": Entry(FILE, 1, NOW + 5)}, {}])
@pytest.mark.parametrize("force", [True, False])
def test_drift_is_reported_and_with_force_put_right(remote: dict[str, Entry], force: bool) -> None:
    local = local_tree(index="1")
    plan = plan_upload(local, remote, records_of(local), rules(force=force))
    assert plan.drifted == ("index",)
    assert steps(plan) == ([(UPLOAD, "index")] if force else [])


def test_what_both_sides_changed_is_a_conflict_without_force() -> None:
    plan = plan_upload(local_tree(i="22"), remote_tree(i="333"), records_of(local_tree(i="1")), rules(force=False))
    assert plan.operations == () and [p.path for p in plan.conflicts] == ["i"] and plan.drifted == ("i",)
    solved = plan_upload(
        local_tree(i="22"), remote_tree(i="333"), records_of(local_tree(i="1")), rules(force=False, resolve="local")
    )
    assert steps(solved) == [(UPLOAD, "i")]
    with pytest.raises(PlanRefused, match=r"i: changed on both sides.*resolve"):
        plan_upload(
            local_tree(i="22"), remote_tree(i="333"), records_of(local_tree(i="1")), rules(force=False, resolve="fail")
        )


def test_delete_takes_what_we_published_and_nothing_else() -> None:
    remote = remote_tree(index="1", old__a="2", foreign="3", theirs__x="4")
    recorded = records_of(local_tree(index="1", old__a="2"))
    local = local_tree(index="1")
    kept = plan_upload(local, remote, recorded, rules())
    assert kept.operations == () and kept.unmanaged == ("foreign", "theirs") and kept.records == recorded
    plan = plan_upload(local, remote, recorded, rules(delete=True))
    assert steps(plan) == [(DELETE_PATH, "old/a"), (DELETE_PATH, "old")]
    everything = plan_upload(local, remote, recorded, rules(delete=True, delete_unmanaged=True))
    assert [p for _a, p in steps(everything)] == ["foreign", "old/a", "theirs/x", "theirs", "old"]


def test_protected_and_excluded_paths_are_never_touched() -> None:
    remote = remote_tree(index="1", keep__a="2", logs__x="3", cfg="44")
    recorded = records_of(local_tree(index="1", keep__a="2", logs__x="3", cfg="4"))
    plan = plan_upload(
        local_tree(index="1", cfg="5"),
        remote,
        recorded,
        rules(delete=True, delete_unmanaged=True, protect=["keep/", "cfg"], exclude=["logs/"]),
    )
    assert plan.operations == () and plan.drifted == () and plan.unmanaged == ()


def test_delete_unmatched_takes_what_filters_leave_out_but_not_what_is_protected() -> None:
    remote = remote_tree(a="1", b__map="2", keep="3")
    recorded = records_of(local_tree(a="1", b__map="2", keep="3"))
    plan = plan_upload(
        local_tree(a="1"),
        remote,
        recorded,
        rules(delete=True, delete_unmatched=True, exclude=["b", "keep"], protect=["keep"]),
    )
    assert steps(plan) == [(DELETE_PATH, "b/map"), (DELETE_PATH, "b")]


def test_what_changed_on_the_server_is_not_deleted_without_a_word() -> None:
    recorded = records_of(local_tree(gone="1", index="1"))
    remote = remote_tree(gone="22", index="1")
    plan = plan_upload(local_tree(index="1"), remote, recorded, rules(delete=True))
    assert plan.operations == () and [c.path for c in plan.conflicts] == ["gone"] and plan.drifted == ("gone",)
    told = plan_upload(local_tree(index="1"), remote, recorded, rules(delete=True, resolve="local"))
    assert steps(told) == [(DELETE_PATH, "gone")]


def test_a_file_makes_way_for_a_folder() -> None:
    plan = plan_upload(local_tree(a__x="1"), remote_tree(a="1"), records_of(local_tree(a="1")), rules())
    assert steps(plan) == [(DELETE_PATH, "a"), (CREATE_DIRECTORY, "a"), (UPLOAD, "a/x")]


def test_a_folder_makes_way_for_a_file_if_all_in_it_is_ours() -> None:
    recorded = records_of(local_tree(a__b__x="1"))
    plan = plan_upload(local_tree(a="1"), remote_tree(a__b__x="1"), recorded, rules())
    assert steps(plan) == [(DELETE_PATH, "a/b/x"), (DELETE_PATH, "a/b"), (DELETE_PATH, "a"), (UPLOAD, "a")]
    theirs = plan_upload(local_tree(a="1"), remote_tree(a__b__x="1", a__y="2"), recorded, rules())
    assert theirs.operations == () and "a/y in it is not ours" in theirs.conflicts[0].message


def test_nothing_is_sent_below_a_file_that_stays() -> None:
    plan = plan_upload(local_tree(a__x="1"), remote_tree(a="1"), {}, rules(protect=["a"]))
    assert plan.operations == () and [c.path for c in plan.conflicts] == ["a"]


def test_a_link_is_replaced_not_written_through() -> None:
    plan = plan_upload(local_tree(a="1"), {"a": Entry(LINK, 0, NOW)}, {}, rules())
    assert [(o.action, o.reason) for o in plan.operations] == [(UPLOAD, "replaces a link")]


def test_modes_are_set_once() -> None:
    local, remote = local_tree(d__a="1"), remote_tree(d__a="1")
    recorded = records_of(local)
    first = plan_upload(local, remote, recorded, rules(file_mode=0o640, directory_mode=0o750))
    assert [(o.action, o.path, o.mode) for o in first.operations] == [(SET_MODE, "d", 0o750), (SET_MODE, "d/a", 0o640)]
    listed = {p: e._replace(mode=0o750 if e.kind == DIRECTORY else 0o640) for p, e in remote.items()}
    assert not plan_upload(local, listed, recorded, rules(file_mode=0o640, directory_mode=0o750)).operations
    assert not plan_upload(local, remote, recorded, rules(file_mode=0o640, modes=False)).operations


def test_without_records_equal_size_and_time_is_equal() -> None:
    local, remote = local_tree(a="1", b="2"), remote_tree(a="1", b="2", c="3")
    remote["b"] = Entry(FILE, 1, NOW - 100)
    without = rules(recorded=False, any_records=False, delete=True, settable=True)
    assert steps(plan_upload(local, remote, {}, without)) == [(UPLOAD, "b"), (DELETE_PATH, "c")]


def test_without_records_a_server_that_sets_no_times_lists_later_ones() -> None:
    local, remote = local_tree(a="1"), {"a": Entry(FILE, 1, NOW + 100)}
    assert not plan_upload(local, remote, {}, rules(recorded=False, any_records=False, settable=False)).operations
    assert plan_upload(local, remote, {}, rules(recorded=False, any_records=False, settable=True)).operations


def test_entry_points_come_last() -> None:
    local = local_tree(**{"index.html": "1", "a.html": "2", "z.css": "3"})
    plan = plan_upload(local, {}, {}, rules(entry_points=("index.*",)))
    assert {o.path: o.rank for o in plan.operations} == {"z.css": 0, "a.html": 1, "index.html": 2}


@pytest.mark.parametrize(("limit", "ok"), [(MaxDelete(2), True), (MaxDelete(1), False), (MaxDelete(percent=50), False)])
def test_max_delete_counts_files_not_folders(limit: MaxDelete, ok: bool) -> None:
    recorded = records_of(local_tree(d__a="1", d__b="2", c="3"))
    args = (local_tree(c="3"), remote_tree(d__a="1", d__b="2", c="3"), recorded, rules(delete=True, max_delete=limit))
    if ok:
        assert len(plan_upload(*args).operations) == 3
    else:
        with pytest.raises(PlanRefused, match=r"2 of 3 files.*max_delete"):
            plan_upload(*args)


def test_records_of_what_is_gone_on_both_sides_are_dropped() -> None:
    plan = plan_upload(local_tree(a="1"), remote_tree(a="1"), records_of(local_tree(a="1", gone="2")), rules())
    assert plan.records_changed and set(plan.records) == {"a"}


# ---------------------------------------------------------------------------- any trees

NAMES = st.sampled_from(["a", "b", "c"])
PATHS = st.lists(NAMES, min_size=1, max_size=3).map("/".join)
CONTENTS = st.sampled_from(["", "x", "y", "zz"])
FILES = st.dictionaries(PATHS, CONTENTS, max_size=8)


def as_tree(files: dict[str, str], mtime: int = NOW) -> dict[str, Entry]:
    """A tree of the paths that do not lie below another file."""
    tree: dict[str, Entry] = {}
    for path in sorted(files):
        parts = path.split("/")
        above = ["/".join(parts[:i]) for i in range(1, len(parts))]
        if not any(tree.get(a) is not None and tree[a].kind == FILE for a in above) and path not in tree:
            tree.update((a, Entry(DIRECTORY)) for a in above)
            tree[path] = Entry(FILE, len(files[path]), mtime, sha256=sha(files[path]))
    return tree


class Server:
    """A server that is a dictionary, and refuses what servers refuse."""

    def __init__(self, tree: dict[str, Entry]) -> None:
        self.tree = dict(tree)

    def listed(self) -> dict[str, Entry]:
        return {path: entry._replace(sha256=None) for path, entry in self.tree.items()}

    def _children(self, path: str) -> list[str]:
        return [p for p in self.tree if parent(p) == path]

    def apply(self, operation: Operation, local: dict[str, Entry]) -> None:
        path, there = operation.path, self.tree.get(operation.path)
        if operation.action == CREATE_DIRECTORY:
            assert there is None, f"MKD {path} onto {there}"
            self._needs_parent(path)
            self.tree[path] = Entry(DIRECTORY)
        elif operation.action == UPLOAD:
            assert there is None or there.kind != DIRECTORY, f"RNTO {path} onto a folder"
            self._needs_parent(path)
            assert operation.replaces == (there is not None)
            self.tree[path] = local[path]
        elif operation.action == DELETE_PATH:
            assert there is not None and there.kind == operation.kind
            assert not self._children(path), f"RMD {path} is not empty"
            del self.tree[path]

    def _needs_parent(self, path: str) -> None:
        above = parent(path)
        assert not above or (above in self.tree and self.tree[above].kind == DIRECTORY), f"nothing above {path}"


def publish(plan: Plan, server: Server, local: dict[str, Entry]) -> dict[str, Record]:
    """Carry a plan out, and return the record that the run would write."""
    records = dict(plan.records)
    for operation in plan.operations:
        server.apply(operation, local)
        if operation.action == UPLOAD:
            entry = local[operation.path]
            records[operation.path] = Record(FILE, entry.size or 0, entry.sha256 or "", entry.mtime)
        elif operation.action == CREATE_DIRECTORY:
            records[operation.path] = Record(DIRECTORY)
        elif operation.action == DELETE_PATH and operation.path in records:
            del records[operation.path]
    return records


@st.composite
def situations(draw: st.DrawFn) -> tuple[dict[str, Entry], Server, dict[str, Record], Rules]:
    """A site published once, then changed on both sides, and rules for the next run."""
    before = as_tree(draw(FILES))
    kept = {p: r for p, r in records_of(before).items() if draw(st.integers(0, 4))}
    local = as_tree(draw(FILES), NOW + 50)
    remote = as_tree(dict.fromkeys(draw(st.sets(PATHS, max_size=3)), "old"), NOW + 7)
    for path, entry in before.items():
        above = parent(path)
        stands = not above or (above in remote and remote[above].kind == DIRECTORY)
        if draw(st.integers(0, 5)) and path not in remote and stands:
            remote[path] = entry
    patterns = st.lists(st.sampled_from(["a", "b/", "/c", "a/b", "*"]), max_size=1)
    delete = draw(st.booleans())
    return (
        local,
        Server(remote),
        kept,
        rules(
            force=draw(st.booleans()),
            delete=delete,
            delete_unmanaged=delete and draw(st.booleans()),
            delete_unmatched=delete and draw(st.booleans()),
            resolve=draw(st.sampled_from(["skip", "local"])),
            protect=draw(patterns),
            exclude=draw(patterns),
        ),
    )


def filtered(local: dict[str, Entry], wanted: Rules) -> dict[str, Entry]:
    return {p: e for p, e in local.items() if wanted.filters.includes(p, e.kind == DIRECTORY)}


@settings(max_examples=400, deadline=None)
@given(situations())
def test_a_plan_can_be_carried_out_and_leaves_nothing_to_do(
    situation: tuple[dict[str, Entry], Server, dict[str, Record], Rules],
) -> None:
    local, server, recorded, wanted = situation
    local = filtered(local, wanted)
    plan = plan_upload(local, server.listed(), recorded, wanted)
    after = publish(plan, server, local)
    again = plan_upload(local, server.listed(), after, wanted)
    assert again.operations == (), "a second run has work"
    assert not again.records_changed


@settings(max_examples=400, deadline=None)
@given(situations())
def test_nothing_is_deleted_that_is_not_ours_or_protected(
    situation: tuple[dict[str, Entry], Server, dict[str, Record], Rules],
) -> None:
    local, server, recorded, wanted = situation
    local = filtered(local, wanted)
    there = dict(server.tree)
    plan = plan_upload(local, server.listed(), recorded, wanted)
    for operation in plan.operations:
        path, entry = operation.path, there.get(operation.path)
        is_directory = operation.kind == DIRECTORY
        if entry is not None and operation.action in (DELETE_PATH, UPLOAD):
            assert not wanted.filters.protects(path, is_directory)
        if operation.action == DELETE_PATH:
            assert entry is not None
            makes_way = "makes way" in operation.reason
            owned = path in recorded and (recorded[path].kind == DIRECTORY) == is_directory
            assert wanted.delete or makes_way
            assert owned or wanted.delete_unmanaged or makes_way
            if (
                owned
                and not is_directory
                and wanted.resolve == "skip"
                and not wanted.delete_unmanaged
                and path not in local
            ):
                assert as_listed(recorded[path], entry), "changed on the server, and deleted"
            assert wanted.filters.includes(path, is_directory) or wanted.delete_unmatched


@settings(max_examples=400, deadline=None)
@given(situations())
def test_with_force_the_source_arrives_unless_something_is_said(
    situation: tuple[dict[str, Entry], Server, dict[str, Record], Rules],
) -> None:
    local, server, recorded, wanted = situation
    local, wanted = filtered(local, wanted), wanted._replace(force=True)
    before = dict(server.tree)
    plan = plan_upload(local, server.listed(), recorded, wanted)
    publish(plan, server, local)
    in_conflict = {problem.path for problem in plan.conflicts}
    for path, entry in local.items():
        excused = any(path == c or path.startswith(f"{c}/") for c in in_conflict)
        protected = path in before and wanted.filters.protects(path, entry.kind == DIRECTORY)
        if not excused and not protected:
            assert server.tree[path].kind == entry.kind
            assert server.tree[path].sha256 == entry.sha256


@pytest.mark.parametrize(
    ("adopt", "digest", "adopted"),
    [("size", None, True), ("hash", sha("1"), True), ("hash", sha("2"), False), ("none", None, False)],
)
def test_a_file_that_is_there_already_is_taken_over(adopt: str, digest: str | None, adopted: bool) -> None:
    local, remote = local_tree(a="1"), {"a": Entry(FILE, 1, NOW + 9, sha256=digest)}
    plan = plan_upload(local, remote, {}, rules(adopt=adopt, any_records=False))
    if adopted:
        assert plan.operations == () and plan.adopted == ("a",) and plan.records_changed
        assert plan.records["a"] == Record(FILE, 1, sha("1"), NOW + 9, source_mtime=NOW)
        again = plan_upload(local, remote, plan.records, rules(adopt=adopt))
        assert again.adopted == () and again.operations == () and not again.records_changed
    else:
        assert steps(plan) == [(UPLOAD, "a")] and plan.adopted == ()
    other_size = plan_upload(local, {"a": Entry(FILE, 2, NOW, sha256=digest)}, {}, rules(adopt=adopt))
    assert steps(other_size) == [(UPLOAD, "a")]
