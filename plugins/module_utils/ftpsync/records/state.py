# Copyright (c) 2026, webdeploy.ftp contributors
# SPDX-License-Identifier: BSD-2-Clause

"""Our folder on the server: where its parts lie, how they are read and replaced (design 5).

    .ftpsync/  manifest.json  journal.json  lock/  stage/  backup/<id>/  .htaccess

Nothing in it is ever content. "There is no manifest" is believed on positive evidence only: a listing
that lacks it (field notes 8.5).
"""

from __future__ import annotations

import contextlib
import io
import typing as t
from types import MappingProxyType

from ..errors import ConnectionLost, ListingDoubtful, ManifestError, ProtocolError, ServerRefused
from ..ftp import stat
from ..ftp.replies import parse_mdtm, parse_size
from ..ftp.wire import Command
from ..model import DIRECTORY, join, parent
from . import journal as journals
from . import manifest as manifests
from .copies import Glance

if t.TYPE_CHECKING:
    from ..ftp.facts import ServerFacts
    from ..ftp.listing import Listing
    from ..ftp.session import Session
    from ..ftp.wire import Reply
    from ..model import Entry
    from .copies import Copies

NAME = ".ftpsync"

MANIFEST = "manifest.json"
# While the manifest is replaced, one of these takes its place: the new one is complete before the
# first rename, the previous one is kept afterwards (field notes 8.6).
MANIFEST_NEW = "manifest.new.json"
MANIFEST_PREVIOUS = "manifest.previous.json"
JOURNAL = "journal.json"
LOCK = "lock"
STAGE = "stage"
BACKUP = "backup"
HTACCESS = ".htaccess"

# Denies the folder to visitors, for Apache 2.4 and for 2.2 and its imitators.
HTACCESS_TEXT = b"""<IfModule mod_authz_core.c>
  Require all denied
</IfModule>
<IfModule !mod_authz_core.c>
  Order allow,deny
  Deny from all
</IfModule>
"""


class State(t.NamedTuple):
    """What lies in our folder.

    Attributes:
        exists: the folder is there.
        names: what it holds; None when it was not listed, because the manifest is there and no journal.
        manifest: the record of the last publication, or None when there was none.
        journal: the intent of a publication or rollback that was interrupted, or None.
        staged: sizes of the files in the stage, and of those that an interrupted rollback left where
            they lay, by path in our folder; filled when there is a journal.
        glance: at the manifest that was read, where there was one.
        lying: sizes of the files in the stage, by name; None when nobody has looked.
    """

    exists: bool
    names: frozenset[str] | None = frozenset()
    manifest: manifests.Manifest | None = None
    journal: journals.Journal | None = None
    staged: t.Mapping[str, int | None] = MappingProxyType({})
    glance: Glance | None = None
    lying: t.Mapping[str, int | None] | None = None

    def holds(self, name: str) -> bool:
        """Whether something of this name may be in the folder."""
        return self.names is None or name in self.names


class Ahead(t.NamedTuple):
    """A manifest that lies on the server, but not under its name.

    Attributes:
        name: where it lies, relative to our folder.
        manifest: what it says; None where it may be incomplete.
        data: its bytes.
    """

    name: str
    manifest: manifests.Manifest | None = None
    data: bytes = b""


class StateFolder:
    """Reads and writes our folder on one server.

    Parameters:
        path: its absolute path on the server.
        site: the absolute path of the synchronized folder, written into the manifest.
        local: the local tree, as far as it is known; see ``manifest.load``.
        copies: the copy of the manifest on this machine, if there shall be one.
    """

    def __init__(
        self,
        path: str,
        site: str,
        local: t.Mapping[str, Entry] = MappingProxyType({}),
        copies: Copies | None = None,
    ) -> None:
        self.path = path
        self.site = site
        self._local = local
        self._copies = copies
        self._newest: bytes | None = None
        self._early: tuple[bytes, manifests.Manifest] | None = None

    def at(self, *parts: str) -> str:
        """The absolute path of something inside."""
        return join(self.path, *parts)

    # ------------------------------------------------------------------ reading

    def read_copy(self) -> bool:
        """Read the copy of the manifest ahead of time; tells whether there is one."""
        self._newest = self._copies.newest() if self._copies is not None else None
        return self._newest is not None

    def parse_copy(self) -> None:
        """Parse what ``read_copy`` has read, which shares what it has in common with the local tree as it is by now."""
        data, self._newest = self._newest, None
        if data is not None:
            with contextlib.suppress(ManifestError):
                self._early = data, self._parsed(data, MANIFEST)

    def questions(self) -> list[Command]:
        """What can be asked of the folder before anything is known of it; see ``glance``."""
        manifest, journal = self.at(MANIFEST), self.at(JOURNAL)
        return [Command("SIZE", manifest), Command("MDTM", manifest), Command("SIZE", journal)]

    @staticmethod
    def glance(replies: t.Sequence[Reply]) -> Glance | None:
        """What the replies to ``questions`` tell; None unless there is a manifest and no journal.

        A server that tells the size of one file says of its neighbour by 550 that it is not there.
        """
        if len(replies) != 3 or replies[0].code != 213 or replies[2].code != 550:
            return None
        try:
            size, mtime = parse_size(replies[0]), parse_mdtm(replies[1]) if replies[1].code == 213 else None
        except ProtocolError:
            return None
        return Glance(size, mtime) if size is not None else None

    def read(self, session: Session, glance: Glance | None = None) -> State:
        """Look at the folder; sends no command that writes.

        Parameters:
            glance: tells that there is nothing to be looked at but the manifest.

        Raises:
            ManifestError: the manifest is there and cannot be read, or the folder cannot be listed.
            ListingDoubtful: the manifest is there, and the folder's listing lacks it.
            ServerRefused, ConnectionLost: the server did not answer as needed.
        """
        if glance is not None:
            try:
                return State(True, None, self._glanced(session, glance), glance=glance)
            except ManifestError:
                pass  # another run may be replacing it; whether it is damaged, the rest of the folder tells
        names = self._names(session)
        if names is None:
            return State(exists=False)
        if MANIFEST not in names and session.sizes([self.at(MANIFEST)])[0] is not None:
            raise ListingDoubtful(
                f"the listing of {self.path} lacks {MANIFEST}, which is there: the server cuts or hides listings;"
                " nothing was changed"
            )
        journal = self._journal(session) if JOURNAL in names else None
        manifest = self._manifest(session, names, journal)
        if journal is not None and manifest is not None and journal.generation < manifest.generation:
            journal = None  # its run died after its last step, the new manifest
        staged = self.staged(session) if journal is not None and STAGE in names else {}
        if journal is not None:
            staged.update(self._lying(session, journal))
        return State(True, frozenset(names), manifest, journal, staged)

    def look_again(self, facts: ServerFacts, seen: State) -> list[Command]:
        """What to ask when the folder is read again; nothing where the answers could not be believed."""
        manifest, glance = seen.manifest, seen.glance
        if manifest is None and seen.journal is None:
            return [*self.questions(), Command("SIZE", self.at(HTACCESS))]
        if manifest is None or glance is None or not manifests.is_of(manifest.generation, glance.size):
            return []
        folders = [self.path, self.at(STAGE)]
        form = facts.stat_form if all(stat.is_plain(folder) for folder in folders) else None
        return [*self.questions(), *((*(stat.ask(form, folder) for folder in folders), stat.IN_STEP) if form else ())]

    def read_again(self, session: Session, seen: State, answers: t.Sequence[Reply] = ()) -> State:
        """Look at the folder once more; a manifest that surely is the one seen before is not read again.

        Parameters:
            answers: to ``look_again``, if that was asked already.

        Raises:
            ManifestError, ListingDoubtful, ServerRefused, ConnectionLost: as ``read``.
        """
        looks = self.look_again(session.facts, seen)
        if not looks:
            return self.read(session)
        replies = answers if len(answers) == len(looks) else list(session.pipeline(looks))
        if seen.manifest is None:
            return self._still_new(seen, replies) or self.read(session)
        if self.glance(replies[:3]) != seen.glance:
            return self.read(session)
        names, lying = self._shown(session, replies[3:])
        names = names or self._names(session)
        if names is None or MANIFEST not in names or JOURNAL in names:
            return self.read(session)
        return seen._replace(names=frozenset(names), lying=lying)

    @staticmethod
    def _still_new(seen: State, replies: t.Sequence[Reply]) -> State | None:
        """Our folder, made whole, and without a record as before; None where that is not sure.

        The file that denies it to visitors is there for certain: a server that tells its size would tell others.
        """
        if [replies[0].code, replies[2].code, replies[3].code] != [550, 550, 213]:
            return None
        names = (seen.names or frozenset()).union((LOCK, STAGE, BACKUP, HTACCESS))
        return seen._replace(exists=True, names=names, lying=None if seen.exists else {})

    @staticmethod
    def _shown(session: Session, replies: t.Sequence[Reply]) -> tuple[set[str] | None, dict[str, int | None] | None]:
        """Our folder's names and the sizes of what is staged, by STAT; None where it does not tell."""
        if not replies or not stat.is_in_step(replies[-1]):
            return None, None
        ours, stage = (stat.listing(reply, session.options.encoding) for reply in replies[:2])
        names = {item.name for item in ours.entries} if ours is not None and ours.shows_hidden else None
        # What lies in the stage is not hidden; but that nothing does is believed of a listing that shows all only.
        shows_all = stage is not None and (bool(stage.entries) or stage.shows_hidden or names is not None)
        return names, _files(stage) if stage is not None and shows_all else None

    def _manifest(
        self, session: Session, names: t.Collection[str], journal: journals.Journal | None
    ) -> manifests.Manifest | None:
        """The manifest, be it under one of the names that it bears while it is replaced.

        A new one that is damaged was never finished, where a journal still tells what its run was about to do
        with what the one before, or none, had recorded.
        """
        if MANIFEST in names:
            return self._load(session, MANIFEST)
        previous = self._load(session, MANIFEST_PREVIOUS) if MANIFEST_PREVIOUS in names else None
        if MANIFEST_NEW not in names:
            return previous
        try:
            return self._load(session, MANIFEST_NEW)
        except ManifestError:
            if journal is None or journal.generation != (previous.generation if previous is not None else 0):
                raise
            return previous

    def _glanced(self, session: Session, glance: Glance) -> manifests.Manifest:
        """The manifest that was seen, or the copy of it."""
        copy = self._copies.find(glance) if self._copies is not None else None
        early, self._early = self._early, None
        if early is not None and early[0] != copy:
            early = None  # an outdated one goes before the server's is held
        data = copy if copy is not None else self._get(session, MANIFEST)
        manifest = early[1] if early is not None else self._parsed(data, MANIFEST)
        # Else another run has replaced it since the glance.
        if self._copies is not None and copy is None and manifests.is_of(manifest.generation, glance.size):
            self._copies.keep(glance, data)
        return manifest

    def _load(self, session: Session, name: str) -> manifests.Manifest:
        return self._parsed(self._get(session, name), name)

    def _parsed(self, data: bytes, name: str) -> manifests.Manifest:
        return manifests.load(data, self.site, self.at(name), self._local)

    def _lying(self, session: Session, journal: journals.Journal) -> dict[str, int | None]:
        """Files that an interrupted rollback has not moved yet."""
        sources = {self.at(source): source for source in journal.moves.values() if source}
        return dict.fromkeys(sources[path] for path in existing(session, sources))

    def staged(self, session: Session) -> dict[str, int | None]:
        """Sizes of the files that lie in the stage, by name."""
        try:
            return _files(session.list_folder(self.at(STAGE)))
        except ServerRefused:
            return {}  # there is none

    def _names(self, session: Session) -> set[str] | None:
        try:
            return self._listed(session)
        except ServerRefused:
            above, _slash, name = self.path.rpartition("/")
            try:
                beside = session.list_folder(above or "/")
            except ServerRefused:
                return None  # not even the folder above is there
            if all(listed.name != name for listed in beside.entries):
                return None
        try:
            return self._listed(session)  # another run may have made it between our two looks
        except ServerRefused as error:
            raise ManifestError(
                f"{self.path} is there but cannot be listed ({error.reply.text}): check its permissions"
            ) from None

    def _listed(self, session: Session) -> set[str]:
        return {listed.name for listed in session.list_folder(self.path).entries}

    def _get(self, session: Session, name: str) -> bytes:
        content = io.BytesIO()
        try:
            session.retrieve(self.at(name), content.write, limit=manifests.MAX_BYTES)
        except ServerRefused as error:
            raise ManifestError(
                f"{self.at(name)} is there but cannot be read ({error.reply.text}): check its permissions on the server"
            ) from None
        return content.getvalue()

    def _journal(self, session: Session) -> journals.Journal | None:
        """The journal; a damaged one was never finished, so that its publication had not begun."""
        data = self._get(session, JOURNAL)
        try:
            return journals.load(data, self.at(JOURNAL))
        except ManifestError:
            return None

    # ------------------------------------------------------------------ writing

    def prepare(self, session: Session, state: State) -> None:
        """Make the folders that are missing, and deny them to visitors.

        Another run may do the same at the same moment; what counts is that they are there afterwards.

        Raises:
            ServerRefused: they are not.
        """
        folders = [path for path in (self.path, self.at(STAGE), self.at(BACKUP)) if not self._known(path, state)]
        # Those above that are there refuse; what counts is found out below.
        wanted = [*(() if state.exists else self._above()), *folders]
        made = session.before_store(*(Command("MKD", path) for path in wanted)) if wanted else []
        if len(made) < len(wanted):
            raise ConnectionLost(f"the connection was lost while {self.path} was made")
        for path, reply in zip(wanted, made):
            if path in folders and not reply.is_ok:
                self._confirm_folder(session, path, reply)
        for name in state.names or ():
            if name.startswith(f"{LOCK}."):  # moved away, and not removed
                list(session.pipeline([("DELE", self.at(name, "owner.json")), ("RMD", self.at(name))]))
        if not state.holds(HTACCESS):
            session.store(self.at(HTACCESS), io.BytesIO(HTACCESS_TEXT), len(HTACCESS_TEXT), more=True)  # the lock

    def finish_renaming(self, session: Session, state: State) -> None:
        """Give the manifest its name, where a run has died before; only for who holds the lock."""
        if state.manifest is not None and not state.holds(MANIFEST):
            there = MANIFEST_NEW if state.holds(MANIFEST_NEW) else MANIFEST_PREVIOUS
            list(session.pipeline([("RNFR", self.at(there)), ("RNTO", self.at(MANIFEST))]))

    def _above(self) -> list[str]:
        """Folders above ours, outermost first, without those above the site, which exist."""
        parts = self.path.split("/")
        above = ["/".join(parts[:end]) for end in range(2, len(parts))]
        return [path for path in above if not (self.site.rstrip("/") + "/").startswith(path + "/")]

    def _known(self, path: str, state: State) -> bool:
        return state.exists if path == self.path else state.holds(path.rpartition("/")[2])

    def _confirm_folder(self, session: Session, path: str, reply: Reply) -> None:
        try:
            session.list_folder(path)
        except ServerRefused:
            raise ServerRefused(
                f"{path} cannot be created ({reply.text}): may this account write there? state_dir names another place",
                reply,
            ) from None

    def write_journal(self, session: Session, journal: journals.Journal) -> None:
        """Write down what is about to be published; on return the server holds all of it."""
        data = journals.dump(journal)
        session.store(self.at(JOURNAL), io.BytesIO(data), len(data), more=True)  # the manifest

    def write_ahead(self, session: Session, manifest: manifests.Manifest, name: str) -> Ahead:
        """Send a manifest to where nobody looks for it, as it is not true yet; see ``write_manifest``."""
        data = manifests.dump(manifest)
        session.store(self.at(name), io.BytesIO(data), len(data))
        return Ahead(name, manifest, data)

    def write_manifest(
        self, session: Session, manifest: manifests.Manifest, keep_journal: bool = False, ahead: Ahead | None = None
    ) -> None:
        """Replace the manifest, keeping the previous one, and drop the journal that it makes obsolete.

        Parameters:
            keep_journal: the caller drops it, by ``journal_removal``.
            ahead: what was sent before; it takes its place if it has come true, and goes otherwise.
        Raises:
            ServerRefused: it could not be replaced; the old one is still there under one of its names.
        """
        replaces, moved = manifest.generation > 1, None
        if ahead is not None and ahead.manifest == manifest:
            moved = self._rename_manifest(session, ahead, replaces, [MANIFEST_NEW])
            replaces = False  # the previous one is out of the way by now
        if moved is None or not moved.is_ok:
            fresh = self.write_ahead(session, manifest, MANIFEST_NEW)
            moved = self._rename_manifest(session, fresh, replaces, [ahead.name] if ahead is not None else [])
        if not moved.is_ok:
            raise ServerRefused(f"{self.at(MANIFEST)} cannot be replaced: {moved.text}", moved)
        if not keep_journal:  # not before: without it the old manifest is not true
            list(session.pipeline(self.journal_removal()))

    def _rename_manifest(self, session: Session, ready: Ahead, replaces: bool, waste: t.Sequence[str]) -> Reply:
        """Give a complete manifest its name; ``waste`` goes before, since a reader might take it for newer."""
        steps = [("DELE", name) for name in waste]
        if replaces:
            steps += [("DELE", MANIFEST_PREVIOUS), ("RNFR", MANIFEST), ("RNTO", MANIFEST_PREVIOUS)]
        steps += [("RNFR", ready.name), ("RNTO", MANIFEST)]
        asked = [("MDTM", MANIFEST)] if self._copies is not None else []
        replies = list(session.pipeline((verb, self.at(name)) for verb, name in [*steps, *asked]))
        moved = replies[len(steps) - 1]
        if self._copies is not None and moved.is_ok and replies[-1].code == 213:
            with contextlib.suppress(ProtocolError):
                self._copies.keep(Glance(len(ready.data), parse_mdtm(replies[-1])), ready.data)
        return moved

    def journal_removal(self) -> list[tuple[str, str]]:
        """What drops the journal; readers take one that is older than the manifest for dropped."""
        return [("DELE", self.at(JOURNAL))]

    def remove(self, session: Session) -> None:
        """Take the folder away after a run that keeps no record, unless something lies in it."""
        commands = [("DELE", self.at(JOURNAL)), ("RMD", self.at(STAGE)), ("RMD", self.at(BACKUP))]
        _journal, stage, backup = list(session.pipeline(commands))
        if stage.is_ok and backup.is_ok:  # else what denies it to visitors has to stay
            list(session.pipeline([("DELE", self.at(HTACCESS)), ("RMD", self.path)]))


def _files(listing: Listing) -> dict[str, int | None]:
    return {listed.name: listed.entry.size for listed in listing.entries if listed.entry.kind != DIRECTORY}


def existing(session: Session, paths: t.Collection[str]) -> set[str]:
    """Which of some absolute paths are there, by the listings of their folders."""
    found: set[str] = set()
    for folder in sorted({parent(path) or "/" for path in paths}):
        try:
            found.update(join(folder, listed.name) for listed in session.list_folder(folder).entries)
        except ServerRefused:
            continue  # not there, and nothing in it
    # Servers may list no such names.
    hidden = [path for path in sorted(paths) if path not in found and path.rpartition("/")[2].startswith(".")]
    found.update(path for path, size in zip(hidden, session.sizes(hidden)) if size is not None)
    return found.intersection(paths)
