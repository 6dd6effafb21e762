"""Which checkpoints to believe: logs, witnesses, and how many of these (C2SP tlog-policy).

One rule: what is trusted stands in this file, which its reader got from a source of their own.  No
key in a log, a receipt or a package is ever believed for lying there.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from evidence.cosignature import Cosignature, WitnessKey, cosignatures
from evidence.errors import LogBroken, SetupError
from evidence.note import Checkpoint, VerifierKey, open_checkpoint

NONE = "none"
"""The quorum that asks for no cosignature."""
MOST_LINES = 1000
_CONTROL = {byte for byte in range(0x20) if byte not in b"\t\n"} | {0x7F}


@dataclass(frozen=True, slots=True, kw_only=True)
class Witness:
    """A witness that a policy knows."""

    name: str
    """What the policy calls it; its key may have another name."""
    key: WitnessKey
    url: str | None = None
    """Its submission prefix (C2SP tlog-witness), for those who ask it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Group:
    """Witnesses and groups of which *needed* must have seen a checkpoint."""

    needed: int
    members: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Believed:
    """A checkpoint that a policy says to believe."""

    checkpoint: Checkpoint
    cosignatures: tuple[Cosignature, ...]
    """Of all witnesses that the policy knows, whether the quorum needed them or not."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Policy:
    """One policy.  Read it with :meth:`parse`."""

    logs: tuple[VerifierKey, ...]
    witnesses: Mapping[str, Witness] = field(default_factory=dict)
    groups: Mapping[str, Group] = field(default_factory=dict)
    quorum: str = NONE

    @classmethod
    def parse(cls, data: bytes) -> Policy:
        """The policy in *data*; SetupError names the first line that is wrong, and why."""
        if wrong := _CONTROL & set(data):
            raise SetupError(f"a policy holds no byte {min(wrong):#04x}")
        reader = _Reader()
        lines = data.decode("utf-8", "surrogateescape").split("\n")
        if len(lines) > MOST_LINES:
            raise SetupError(f"a policy of {len(lines)} lines is refused (limit {MOST_LINES})")
        for number, line in enumerate(lines, start=1):
            words = line.replace("\t", " ").split(" ")
            if words := [word for word in words if word]:
                reader.read(number, words)
        return reader.policy()

    def __str__(self) -> str:
        """The policy as a file."""
        lines = [
            *(f"log {key}" for key in self.logs),
            *(
                f"witness {each.name} {each.key} {each.url or ''}".rstrip()
                for each in self.witnesses.values()
            ),
            *(
                f"group {name} {group.needed} {' '.join(group.members)}"
                for name, group in self.groups.items()
            ),
            f"quorum {self.quorum}",
        ]
        return "".join(f"{line}\n" for line in lines)

    def believe(self, note: bytes) -> Believed:
        """The checkpoint in *note*, if a log of the policy signed it and the quorum saw it.

        LogBroken names the signature or the witnesses that are missing.
        """
        checkpoint = open_checkpoint(note, self.logs)
        said = self.said(note)
        cosigned = {each.witness for each in said}
        missing = self._missing(self.quorum, cosigned)
        if missing is not None:
            raise LogBroken(
                f"the checkpoint of {checkpoint.origin} at {checkpoint.size} entries has not been"
                f" seen by enough witnesses: {missing}"
            )
        return Believed(checkpoint=checkpoint, cosignatures=said)

    def said(self, note: bytes) -> tuple[Cosignature, ...]:
        """What the policy's witnesses said of *note*; LogBroken if one of them did not say it."""
        return cosignatures(note, [witness.key for witness in self.witnesses.values()])

    def is_met(self, cosigned: Sequence[Cosignature]) -> bool:
        """Whether these cosignatures are a quorum."""
        return self._missing(self.quorum, {each.witness for each in cosigned}) is None

    def reached(self, told: Iterable[Cosignature]) -> Cosignature | None:
        """Whose word is the newest time that a quorum have reached; None if none have.

        Of each witness its newest word counts.  Of a quorum of N the Nth newest is it: fewer
        witnesses than that can lie as they like.  Where one is enough, or none is asked for, it
        is the newest of all.
        """
        known = {witness.key for witness in self.witnesses.values()}
        newest = {
            each.witness: each
            for each in sorted(told, key=lambda each: each.at)
            if each.witness in known
        }
        reached = list[Cosignature]()
        for each in sorted(newest.values(), key=lambda each: each.at, reverse=True):
            reached.append(each)
            if self.is_met(reached):
                return each
        return None

    def seen_by(self, told: Iterable[Cosignature]) -> Cosignature | None:
        """Whose word is the time by which a quorum had seen it at the latest; None if none had.

        The mirror of :meth:`reached`: of each witness its oldest word counts, and of a quorum of N
        the Nth oldest is it, so that fewer witnesses than that can date nothing back.
        """
        known = {witness.key for witness in self.witnesses.values()}
        oldest = dict[WitnessKey, Cosignature]()
        for each in sorted(told, key=lambda each: each.at):
            if each.witness in known:
                oldest.setdefault(each.witness, each)
        seen = list[Cosignature]()
        for each in oldest.values():
            seen.append(each)
            if self.is_met(seen):
                return each
        return None

    def _missing(self, name: str, cosigned: set[WitnessKey]) -> str | None:
        """What *name* lacks; None if it lacks nothing."""
        if name == NONE:
            return None
        if name in self.witnesses:
            return None if self.witnesses[name].key in cosigned else f"{name} has not"
        group = self.groups[name]
        lacking = [why for each in group.members if (why := self._missing(each, cosigned))]
        have = len(group.members) - len(lacking)
        if have >= group.needed:
            return None
        return f"of {name} {have}, not {group.needed} ({'; '.join(lacking)})"


@dataclass(slots=True)
class _Reader:
    """What was read of a policy so far."""

    logs: list[VerifierKey] = field(default_factory=list)
    witnesses: dict[str, Witness] = field(default_factory=dict)
    groups: dict[str, Group] = field(default_factory=dict)
    members: set[str] = field(default_factory=set)
    """Names that a group has already: each counts once."""
    quorum: str | None = None

    def read(self, number: int, words: Sequence[str]) -> None:
        """Take in one line that is not empty."""
        keyword, *rest = words
        if keyword.startswith("#"):
            return
        known: Mapping[str, Callable[[Sequence[str]], None]] = {
            "log": self._log,
            "witness": self._witness,
            "group": self._group,
            "quorum": self._quorum,
        }
        if keyword not in known:
            raise SetupError(f"policy, line {number}: {keyword!r} is none of {sorted(known)}")
        try:
            known[keyword](rest)
        except ValueError as error:
            raise SetupError(f"policy, line {number}: {error}") from error

    def policy(self) -> Policy:
        """The whole policy; SetupError if it does not say what its quorum is."""
        if self.quorum is None:
            raise SetupError(
                "the policy has no quorum line",
                advice="Say how many witnesses it takes; `quorum none` asks for none.",
            )
        return Policy(
            logs=tuple(self.logs),
            witnesses=self.witnesses,
            groups=self.groups,
            quorum=self.quorum,
        )

    def _log(self, words: Sequence[str]) -> None:
        match words:
            case [text] | [text, _]:
                key = VerifierKey.parse(text)
            case _:
                raise ValueError("a log line is: log KEY [URL]")
        if any(key.public == other.public for other in self.logs):
            raise ValueError(f"the key of log {key.name} stands here twice")
        self.logs.append(key)

    def _witness(self, words: Sequence[str]) -> None:
        match words:
            case [name, text]:
                made = Witness(name=name, key=WitnessKey.parse(text))
            case [name, text, url]:
                made = Witness(name=name, key=WitnessKey.parse(text), url=url)
            case _:
                raise ValueError("a witness line is: witness NAME KEY [URL]")
        self._must_be_new(name)
        if any(made.key.public == other.key.public for other in self.witnesses.values()):
            raise ValueError(f"the key of witness {name} stands here twice")
        self.witnesses[name] = made

    def _group(self, words: Sequence[str]) -> None:
        match words:
            case [name, needed, *members] if members:
                self._must_be_new(name)
            case _:
                raise ValueError("a group line is: group NAME all|any|NUMBER MEMBER…")
        for member in members:
            self._must_be_known(member)
            if member in self.members:
                raise ValueError(f"{member} is in a group already: it would count twice")
            self.members.add(member)
        self.groups[name] = Group(needed=_needed(needed, len(members)), members=tuple(members))

    def _quorum(self, words: Sequence[str]) -> None:
        match words:
            case [name]:
                pass
            case _:
                raise ValueError("a quorum line is: quorum NAME")
        if self.quorum is not None:
            raise ValueError("there is a quorum line already")
        if name != NONE:
            self._must_be_known(name)
        self.quorum = name

    def _must_be_new(self, name: str) -> None:
        if name == NONE or name in self.witnesses or name in self.groups:
            raise ValueError(f"the name {name!r} is taken")

    def _must_be_known(self, name: str) -> None:
        if name not in self.witnesses and name not in self.groups:
            raise ValueError(f"no line above says what {name!r} is")


def _needed(word: str, of: int) -> int:
    """How many of *of* members a group needs that says *word*."""
    if word in {"any", "all"}:
        return 1 if word == "any" else of
    if not (word.isascii() and word.isdigit() and 1 <= int(word) <= of and str(int(word)) == word):
        raise ValueError(f"{word!r} is none of all, any and 1 to {of}")
    return int(word)
