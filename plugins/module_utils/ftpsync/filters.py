# Copyright (c) 2026, webdeploy.ftp contributors
# SPDX-License-Identifier: BSD-2-Clause

"""Which paths take part: patterns and a relative path in, a decision out.

The language is that of gitignore(5), decided as ``git check-ignore`` decides (dir.c, wildmatch.c
of git 2.39; the tests compare with the real one). One thing differs on purpose: ``?`` and
``[...]`` stand for one character, where git counts bytes.

Pure: no file is opened here. Paths are relative, joined with ``/``, never the root itself; they may
hold line feeds and lone surrogates.
"""

from __future__ import annotations

import re
import typing as t

from .errors import UsageError

# Droppings of version control, desktops and storage boxes; ``!.git`` in exclude takes one back.
DEFAULT_EXCLUDE = (
    ".git",
    ".hg",
    ".svn",
    ".DS_Store",
    "._*",
    "Thumbs.db",
    "desktop.ini",
    "#recycle",
    "@eaDir",
)

# Files that pyftpsync keeps beside the content; no pattern makes content of them (behaviour 3.2).
ALWAYS_IGNORED = (".pyftpsync-meta.json", ".pyftpsync-lock.json", ".pyftpsync.yaml", "pyftpsync.yaml")

# The classes as git knows them: ASCII only, and space without vertical tab and form feed.
POSIX_CLASSES = {
    "alnum": "0-9A-Za-z",
    "alpha": "A-Za-z",
    "blank": r" \t",
    "cntrl": r"\x00-\x1f\x7f",
    "digit": "0-9",
    "graph": "!-~",
    "lower": "a-z",
    "print": " -~",
    "punct": r"!-/:-@\[-`{-~",
    "space": r" \t\n\r",
    "upper": "A-Z",
    "xdigit": "0-9A-Fa-f",
}


class Filters:
    """Decides for each path of either side whether it is content, and whether it is protected.

    Safe to use from several threads. Decisions about folders are kept, so that asking for every
    file of a tree costs one look at the patterns per file, however deep it lies.

    Parameters:
        match: a file takes part only if these patterns match it; folders are not filtered by it.
        exclude: what takes no part, the lines of ``exclude_from`` files first.
        protect: what is never deleted or replaced on the destination.
        default_exclude: patterns that stand before ``exclude``.

    Raises:
        UsageError: a pattern could never match what it is meant for.
    """

    def __init__(
        self,
        match: t.Sequence[str] = (),
        exclude: t.Sequence[str] = (),
        protect: t.Sequence[str] = (),
        default_exclude: t.Sequence[str] = DEFAULT_EXCLUDE,
    ) -> None:
        for pattern in match:
            if pattern.endswith("/"):
                raise UsageError(
                    f"match: {pattern!r} means folders only, but match selects files; write {pattern + '**'!r}"
                )
        if match and all(pattern.startswith("!") for pattern in match):
            raise UsageError("match: only patterns with '!' are given, so nothing matches; use exclude instead")
        self._match = Patterns("match", match) if match else None
        # The last matching pattern wins: what is always ignored stands last.
        self._exclude = Patterns("exclude", (*default_exclude, *exclude, *ALWAYS_IGNORED))
        self._protect = Patterns("protect", protect)

    def includes(self, path: str, is_directory: bool) -> bool:
        """Whether the path takes part; below an excluded folder nothing does, ``!`` or not."""
        if self._exclude.covers(path, is_directory):
            return False
        return is_directory or self._match is None or self._match.matches(path, False)

    def protects(self, path: str, is_directory: bool) -> bool:
        """Whether the path, or a folder it lies in, is protected."""
        return self._protect.covers(path, is_directory)


class Patterns:
    """A list of gitignore patterns, of which the last that matches decides.

    Parameters:
        option: the option they come from, for messages.
        patterns: one pattern each; unlike in a file, ``#`` and trailing blanks are literal.

    Raises:
        UsageError: a pattern is empty or malformed.
    """

    def __init__(self, option: str, patterns: t.Sequence[str]) -> None:
        self._runs = _runs([_parse(option, number, pattern) for number, pattern in enumerate(patterns)])
        self._folders: dict[str, bool] = {}

    def matches(self, path: str, is_directory: bool) -> bool:
        """Whether the path itself is matched, whatever holds for its parents."""
        base = path.rfind("/") + 1
        for run in self._runs:
            if run.matches(path, base, is_directory):
                return not run.negated
        return False

    def covers(self, path: str, is_directory: bool) -> bool:
        """Whether the path or one of its parents is matched; ``!`` cannot undo a matched parent."""
        parent = path.rpartition("/")[0]
        if parent and self._covers_folder(parent):
            return True
        return self._covers_folder(path) if is_directory else self.matches(path, False)

    def _covers_folder(self, path: str) -> bool:
        known = self._folders.get(path)
        if known is None:
            parent = path.rpartition("/")[0]
            known = bool(parent and self._covers_folder(parent)) or self.matches(path, True)
            self._folders[path] = known
        return known


def parse_ignore_lines(text: str) -> list[str]:
    """Patterns of a file in gitignore format, in order.

    Comments, blank lines, a byte order mark, carriage returns at line ends and trailing blanks
    without a backslash are dropped, as git drops them.
    """
    lines = text[1:].split("\n") if text.startswith("\ufeff") else text.split("\n")
    patterns = []
    for line in lines:
        line = line[:-1] if line.endswith("\r") else line
        # A backslash and what follows it are one unit, so that an escaped blank is not trailing.
        kept = t.cast("re.Match[str]", _TRAILING_BLANKS.match(line)).group(1)
        if kept and not line.startswith("#"):
            patterns.append(kept)
    return patterns


_TRAILING_BLANKS = re.compile(r"((?: *(?:\\.|[^ \\]|\\$))*)", re.DOTALL)


class _Pattern(t.NamedTuple):
    """One pattern; ``regex`` is to match the base name, or with ``on_path`` the whole path."""

    regex: str
    negated: bool
    on_path: bool
    folders_only: bool


class _Run(t.NamedTuple):
    """Neighbouring patterns of one sign: among them order is irrelevant, so each kind is one regex."""

    negated: bool
    file_base: re.Pattern[str] | None
    file_path: re.Pattern[str] | None
    folder_base: re.Pattern[str] | None
    folder_path: re.Pattern[str] | None

    def matches(self, path: str, base: int, is_directory: bool) -> bool:
        on_base = self.folder_base if is_directory else self.file_base
        if on_base is not None and on_base.fullmatch(path, base):
            return True
        on_path = self.folder_path if is_directory else self.file_path
        return on_path is not None and on_path.fullmatch(path) is not None


def _runs(patterns: list[_Pattern]) -> list[_Run]:
    """Runs of patterns, the last first."""
    groups: list[list[_Pattern]] = []
    for pattern in patterns:
        if not groups or groups[-1][0].negated != pattern.negated:
            groups.append([])
        groups[-1].append(pattern)
    return [
        _Run(
            group[0].negated,
            _any_of(p.regex for p in group if not p.on_path and not p.folders_only),
            _any_of(p.regex for p in group if p.on_path and not p.folders_only),
            _any_of(p.regex for p in group if not p.on_path),
            _any_of(p.regex for p in group if p.on_path),
        )
        for group in reversed(groups)
    ]


def _any_of(regexes: t.Iterable[str]) -> re.Pattern[str] | None:
    alternatives = "|".join(regexes)
    return re.compile(alternatives, re.DOTALL) if alternatives else None


def _parse(option: str, number: int, pattern: str) -> _Pattern:
    negated = pattern.startswith("!")
    glob = pattern[1:] if negated else pattern
    folders_only = glob.endswith("/")
    glob = glob[:-1] if folders_only else glob
    on_path = "/" in glob
    # Of a name there are no empty parts and no "." or "..", hence such a pattern is a mistake.
    parts = (glob[1:] if glob.startswith("/") else glob).split("/")
    if not all(parts) or "." in parts or ".." in parts:
        raise UsageError(
            f"{option}: the pattern {pattern!r} can never match: it is empty or has an empty, '.' or '..' part"
        )
    try:
        regex = _Translator("/".join(parts), f"p{number}_").regex()
    except ValueError as error:
        raise UsageError(
            f"{option}: the pattern {pattern!r} {error}; put a backslash before a character that is meant literally"
        ) from None
    return _Pattern(regex, negated, on_path, folders_only)


class _Translator:
    """Turns one glob into a regular expression, after wildmatch.c of git.

    Of several ``*`` within one part all but the last take the first place where what follows them
    fits, for good: that is enough, and a name cannot make the search run wild. Python before 3.11
    says "for good" by a lookahead and a reference to what it found, as ``fnmatch`` does.
    """

    def __init__(self, glob: str, group: str) -> None:
        self._glob = glob
        self._group = group
        self._at = 0
        self._out: list[str] = []
        self._star = -1  # where in _out the last "*" of the present part stands

    def regex(self) -> str:
        """The expression; raises ValueError with the end of a sentence about the pattern."""
        special = {"*": self._stars, "?": self._one, "[": self._set, "\\": self._escaped, "/": self._slash}
        while self._at < len(self._glob):
            step = special.get(self._glob[self._at])
            if step is None:
                self._out.append(re.escape(self._glob[self._at]))
                self._at += 1
            else:
                step()
        return "".join(self._out)

    def _one(self) -> None:
        self._out.append("[^/]")
        self._at += 1

    def _slash(self) -> None:
        self._out.append("/")
        self._star = -1
        self._at += 1

    def _escaped(self) -> None:
        if self._at + 1 == len(self._glob):
            raise ValueError("ends in a lone backslash")
        if self._glob[self._at + 1] == "/":
            self._at += 1
            self._slash()
            return
        self._out.append(re.escape(self._glob[self._at + 1]))
        self._at += 2

    def _stars(self) -> None:
        start = self._at
        while self._glob.startswith("*", self._at):
            self._at += 1
        rest = self._glob[self._at :]
        # git compares the text before the first special character by itself, so that "**" directly
        # after it stands at a start, too: "foo**/bar" takes "foo/x/bar". We decide as git does.
        at_start = start == 0 or self._glob[start - 1] == "/" or not re.search(r"[*?\[\\]", self._glob[:start])
        if self._at - start < 2 or not at_start or not (not rest or rest.startswith(("/", "\\/"))):
            self._single_star()
        elif rest.startswith("/"):
            self._out.append("(?:.*/)?")
            self._star = -1
            self._at += 1
        else:
            self._out.append(".*")
            self._star = -1

    def _single_star(self) -> None:
        if self._star >= 0:
            found = "".join(self._out[self._star :])
            name = f"{self._group}{self._at}"
            self._out[self._star :] = [f"(?=(?P<{name}>{found}))(?P={name})"]
        self._star = len(self._out)
        self._out.append("[^/]*?")

    def _set(self) -> None:
        """``[...]``: a first ``]`` is literal, a backslash escapes, ``[:name:]`` names a class."""
        at = self._at + 1
        negated = self._glob[at : at + 1] in ("!", "^")
        at += negated
        start = at
        body: list[str] = []
        low = ""  # a "-" makes a range of this character and the next
        while at == start or self._glob[at : at + 1] != "]":
            named = re.compile(r"\[:([^\]]*):\]").match(self._glob, at)
            if named:
                body.append(_posix_class(named.group(1)))
                low, at = "", named.end()
                continue
            is_range = low and self._glob[at : at + 1] == "-" and self._glob[at + 1 : at + 2] not in ("", "]")
            char, at = self._set_character(at + 1 if is_range else at)
            if is_range and low <= char:
                body.append(f"{re.escape(low)}-{re.escape(char)}")
            elif not is_range:
                body.append(re.escape(char))
            low = "" if is_range else char
        self._at = at + 1
        inner = "".join(body)
        if negated:
            self._out.append(f"[^/{inner}]")
        else:
            self._out.append(f"(?!/)[{inner}]" if inner else "(?!)")

    def _set_character(self, at: int) -> tuple[str, int]:
        """The character at this place, unescaped, and where the next one stands."""
        at += self._glob[at : at + 1] == "\\"
        if at >= len(self._glob):
            raise ValueError("has a '[' without its ']'")
        return self._glob[at], at + 1


def _posix_class(name: str) -> str:
    if name not in POSIX_CLASSES:
        raise ValueError(f"has the unknown class [:{name}:]; known are {', '.join(POSIX_CLASSES)}")
    return POSIX_CLASSES[name]
