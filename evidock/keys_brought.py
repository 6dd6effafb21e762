"""The keys that whoever makes a home of a package brings along, and how the log's came to be.

One rule: a log goes on only under the key that it named last, and nobody who trusted one before is
left behind unknowingly.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from archive.census import KEY_FILE
from archive.fixity import Component, Finding, Step
from archive.log.key import KEY, SUCCESSIONS, signers
from archive.rebuild.history import History
from evidence import durable, succession
from evidence.custody import Entry, EntryKind
from evidence.errors import LogBroken, SetupError
from evidence.note import VerifierKey
from evidock.brought import needed
from evidock.home import Home

KEYS = "Get the key from its owner (HOME/archive/{name}, docs/keys.md), and name it with {option}."
_SUCCESSIONS = (
    "Name every HOME/public/log-succession.N of the old home, the first one first (docs/keys.md)."
)


@dataclass(frozen=True, slots=True, kw_only=True)
class KeysBrought:
    """Files of the old home's."""

    log: Path | None
    census: Path | None
    successions: tuple[Path, ...]
    """How the log's key came to be: the statements, the first one first."""

    def log_key(self) -> bytes:
        """The private key that goes on signing; SetupError without one."""
        if self.log is None:
            raise SetupError(
                "without the log's key the new home could read this log and never sign for it:"
                " nothing could be archived, watched or exported there",
                advice=KEYS.format(name=KEY, option="--log-key FILE")
                + " To look at a package, no home is needed: evidock verify, verify.html.",
            )
        return needed(self.log)

    def put(self, target: Home, key: bytes) -> None:
        """Give *target* the log's *key*, and the census's if it was brought."""
        durable.make_folder(target.archive)
        target.folder.chmod(0o700)
        durable.create(target.archive / KEY, key, mode=durable.PRIVATE)
        if self.census is not None:
            census = needed(self.census)
            durable.create(target.archive / KEY_FILE, census, mode=durable.PRIVATE)

    def put_successions(self, target: Home, history: History) -> list[Finding]:
        """Keep how the log's key came to be; a finding if stations could not follow to it.

        SetupError unless the key given is the one that the log named last, and the statements
        lead to it.
        """
        key, named = key_of(target, history), _keys_named(history)
        if named and named[-1][1] != str(key):
            raise SetupError(
                f"the log says that {named[-1][1]} signs it, and the key given is {key}",
                advice=KEYS.format(name=KEY, option="--log-key FILE"),
            )
        given = [needed(path) for path in self.successions]
        try:
            led = succession.before(given, key)
        except LogBroken as error:
            raise SetupError(f"--succession: {error}", advice=_SUCCESSIONS) from error
        if len(led) < len(given):
            raise SetupError(
                f"--succession: {len(given)} statements, and {len(led)} of them lead to {key}",
                advice=_SUCCESSIONS,
            )
        for number, statement in enumerate(given, start=1):
            durable.make_folder(target.archive / SUCCESSIONS)
            durable.create(target.archive / SUCCESSIONS / f"{number:06d}", statement)
        lacking = len({old for old, _ in named}) - len(led)
        return [_no_succession(lacking)] if lacking else []


def key_of(target: Home, history: History) -> VerifierKey:
    """The key that signs the log in *target*."""
    return signers(target.archive, history.checkpoint.origin)[0].key


def _keys_named(history: History) -> list[tuple[str, str]]:
    """Which key the log says was followed by which, in its order.

    One that was retired is named again; one that was lost before it signed, by another one.
    """
    raws = (raw for _, part in history.entries(0, history.size) for raw in part)
    changes = (Entry(raw) for raw in raws if b'"log.key"' in raw)
    told = [each.fields for each in changes if each.kind is EntryKind.LOG_KEY]
    return [(str(each["old"]), str(each["new"])) for each in told]


def _no_succession(lacking: int) -> Finding:
    return Finding(
        step=Step.CHECKPOINT,
        component=Component.CHECKPOINT,
        subject="successions",
        problem=f"{lacking} statements of how the log's key came to be were not brought"
        " (--succession): whoever trusts only a key from before cannot follow from here",
    )


def no_census_key() -> Finding:
    """That no census can be taken in the new home."""
    return Finding(
        step=Step.CENSUS,
        component=Component.CENSUS,
        subject=KEY_FILE,
        problem="was not brought (--census-key): no further census can be taken, nor an officer's"
        " day be exported",
    )
