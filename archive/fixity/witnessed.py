"""Step 12: what witnesses and authorities said of the log is theirs, and of this log.  It blocks.

Each cosigned head must be signed by the log and by a witness of the policy, hold no signature of
anybody else, and give the root that the log has at its size.  Each time stamp must be the bytes
that its name tells, of the checkpoint beside it.  The vault's copies must be so, too.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import PurePosixPath

from archive.fixity import Component, Finding, Step
from archive.fixity.objects import Objects, Unread
from archive.fixity.testimony import HEAD, STAMPS, Testimony
from archive.log.cosigned import only_known
from archive.log.timestamps import ABOUT, TOKEN, mark_of, must_be_about, read_name, verify_token
from evidence.errors import LogBroken
from evidence.merkle import CompactRange
from evidence.note import Checkpoint, open_checkpoint
from evidence.tiles import CHECKPOINT, Read, TileTree
from evidence.vault import Bucket

_AGAIN = 5
"""How often it is looked at anew while a running home changes it."""


def examine_testimony(
    what: Testimony, objects: Objects, ours: Read, *, is_sound: bool
) -> list[Finding]:
    """Step 12; *ours* gives the log's files, which only if *is_sound* can roots be held against."""
    found: list[Finding] = []
    for _ in range(_AGAIN):
        held = ours(CHECKPOINT), what.heads(), what.stamps()
        found = list(_Look(what, objects, ours if is_sound else None).all())
        if not found or held == (ours(CHECKPOINT), what.heads(), what.stamps()):
            break
    return found


@dataclass(frozen=True, slots=True)
class _Look:
    """One look at all of it."""

    what: Testimony
    objects: Objects
    ours: Read | None
    _roots: dict[int, bytes] = field(default_factory=dict)

    def all(self) -> Iterator[Finding]:
        """What is wrong."""
        for problem in self.what.problems:
            yield _finding(Component.WITNESSED, "settings", problem)
        heads, stamps = self.what.heads(), self.what.stamps()
        for place, note in heads.items():
            for problem in self._wrong_head(place, note, heads):
                yield _finding(Component.WITNESSED, place, problem)
        yield from self._copied_head(heads.get(HEAD))
        wrong = set[str]()
        for place, data in stamps.items():
            if place.endswith(TOKEN):
                for problem in self._wrong_stamp(place, data, stamps):
                    wrong.add(_stem(place))
                    yield _finding(Component.TIMESTAMP, place, problem)
        yield from self._copied_stamps(stamps, wrong)

    def _wrong_head(self, place: str, note: bytes, heads: Mapping[str, bytes]) -> Iterator[str]:
        try:
            checkpoint = self._checkpoint(note)
            self._must_be_theirs(note)
        except LogBroken as error:
            yield str(error)
            return
        if place == HEAD:
            return
        if PurePosixPath(place).name != str(checkpoint.size):
            yield f"is of {checkpoint.size} entries, not what its name says"
        elif (newer := heads.get(HEAD)) is not None and self._says_more(newer, note):
            yield f"says less than {HEAD}, which was made from it"

    def _copied_head(self, own: bytes | None) -> Iterator[Finding]:
        """The vault's copy, which may be some seconds behind."""
        copy = self.objects.newest(Bucket.RECORDS, HEAD)
        if copy is None:
            return
        if isinstance(copy, Unread):
            yield _copy(HEAD, copy.problem)
            return
        try:
            self._checkpoint(copy)
            self._must_be_theirs(copy)
        except LogBroken as error:
            yield _copy(HEAD, str(error))
            return
        if own is None:
            problem = "is missing, though the vault holds a copy"
            yield _finding(Component.WITNESSED, HEAD, problem)
        elif self._says_more(copy, own):
            problem = "says less than the vault's copy, which was made from it"
            yield _finding(Component.WITNESSED, HEAD, problem)

    def _checkpoint(self, note: bytes) -> Checkpoint:
        """The checkpoint in *note*; LogBroken unless it is one of this log."""
        checkpoint = open_checkpoint(note, self.what.keys)
        if self.ours is not None:
            root = self._root_at(checkpoint.size)
            if root != checkpoint.root:
                raise LogBroken(
                    f"is of another history: the log's root at {checkpoint.size} is not"
                )
        return checkpoint

    def _root_at(self, size: int) -> bytes:
        """The root of our log at *size*; LogBroken if it never had so many entries."""
        if self.ours is None or (note := self.ours(CHECKPOINT)) is None:
            raise LogBroken("there is no checkpoint of ours to hold it against")
        reach = open_checkpoint(note, self.what.keys).size
        if size > reach:
            raise LogBroken(f"covers {size} entries, our log has {reach}: ours is an old one")
        if size not in self._roots:
            self._roots[size] = CompactRange.read(TileTree(reach, self.ours), size).root
        return self._roots[size]

    def _must_be_theirs(self, note: bytes) -> None:
        """LogBroken unless witnesses of the policy cosigned *note*, and nobody else did."""
        policy = self.what.policy
        if not policy.witnesses:
            return
        if not policy.said(note):
            raise LogBroken("no witness of the policy cosigned it")
        if only_known(note, self.what.keys, policy) != note:
            raise LogBroken("holds a signature of nobody whom the policy knows")

    def _says_more(self, note: bytes, than: bytes) -> bool:
        """Whether *note* holds a word of a witness that is not in *than*, of the same head."""
        try:
            if self._checkpoint(note) != self._checkpoint(than):
                return False
            known = {each.witness: each.at for each in self.what.policy.said(than)}
            said = self.what.policy.said(note)
        except LogBroken:
            return False  # said of that one itself
        return any(each.witness not in known or each.at > known[each.witness] for each in said)

    def _wrong_stamp(self, place: str, token: bytes, stamps: Mapping[str, bytes]) -> Iterator[str]:
        try:
            size, at, mark = read_name(_stem(place))
        except ValueError:
            yield "has no name of a time stamp"
            return
        if mark_of(token) != mark:
            yield "is not the answer that its name tells"
            return
        about = stamps.get(place.removesuffix(TOKEN) + ABOUT)
        if about is None:
            yield f"is about a checkpoint that is missing ({ABOUT})"
            return
        try:
            must_be_about(token, about)
            roots = self.what.roots
            if roots and verify_token(token, about, roots).replace(microsecond=0) != at:
                yield "was made at another time than its name says"
            if self._checkpoint(about).size != size:
                yield "is about another size of the log than its name says"
        except LogBroken as error:
            yield str(error)

    def _copied_stamps(self, own: Mapping[str, bytes], wrong: set[str]) -> Iterator[Finding]:
        """The vault's copies: the very same files, where ours are not *wrong* themselves."""
        names = self.objects.names(Bucket.RECORDS, STAMPS)
        if isinstance(names, Unread):
            yield _copy(STAMPS, names.problem)
            return
        for name in sorted(names):
            copy = self.objects.newest(Bucket.RECORDS, name)
            if isinstance(copy, Unread):
                yield _copy(name, copy.problem)
            elif name not in own:
                problem = "is missing, though the vault holds a copy"
                yield _finding(Component.TIMESTAMP, name, problem)
            elif copy != own[name] and _stem(name) not in wrong:
                yield _copy(name, "holds other bytes than our own file")


def _stem(name: str) -> str:
    return PurePosixPath(name).stem


def _finding(component: Component, subject: str, problem: str) -> Finding:
    return Finding(step=Step.WITNESSED, component=component, subject=subject, problem=problem)


def _copy(name: str, problem: str) -> Finding:
    return _finding(Component.LOG_COPY, f"records/{name}", problem)
