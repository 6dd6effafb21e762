"""What witnesses and time-stamping authorities said of the log, as it lies in an archive's folder.

One rule: whom to believe is read from the home's settings, never from what is believed.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from cryptography import x509

from archive.log.key import statements
from archive.log.mirror import PREFIX
from archive.log.timestamps import ABOUT, FOLDER, TOKEN, roots_of
from archive.log.witnesses import WITNESSED, policy_of
from evidence import succession
from evidence.errors import EvidenceError
from evidence.note import VerifierKey
from evidence.policy import Policy
from evidence.settings import Settings
from evidence.tiles import WITNESSED as PUBLISHED

HEAD = PREFIX + PUBLISHED
"""The head that the log publishes as witnessed: in the folder, and in the vault."""
STAMPS = f"{PREFIX}{FOLDER}/"
"""Where time stamps lie, likewise."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Testimony:
    """Where it lies, and by whose keys it must verify."""

    folder: Path
    """The archive's."""
    keys: Sequence[VerifierKey]
    """The log's key, and those that it followed."""
    policy: Policy
    """Without witnesses no cosignature can be checked: the log's own signatures are."""
    roots: tuple[x509.Certificate, ...] = ()
    """Of the authority; without any a token is only seen to be of its checkpoint."""
    problems: Sequence[str] = ()
    """What keeps it from being checked whole."""

    @classmethod
    def of(cls, settings: Settings, folder: Path, key: VerifierKey) -> Testimony:
        """That of the archive in *folder* whose log *key* signs; blocks.

        Settings that cannot be used are a problem: the rest is checked all the same.
        """
        problems: list[str] = []
        keys: tuple[VerifierKey, ...] = (key,)
        policy = Policy(logs=(key,))
        roots: tuple[x509.Certificate, ...] = ()
        try:
            keys = (key, *succession.before(statements(folder), key))
        except EvidenceError as error:
            problems.append(f"the statements of succession: {error}")
        try:
            policy = policy_of(settings.witnesses, key)
        except EvidenceError as error:
            problems.append(str(error))
        try:
            roots = roots_of(settings.timestamps)
        except EvidenceError as error:
            problems.append(str(error))
        return cls(folder=folder, keys=keys, policy=policy, roots=roots, problems=problems)

    def heads(self) -> Mapping[str, bytes]:
        """The cosigned checkpoints by their place in the folder, the published one last."""
        kept = (self.folder / WITNESSED).glob("[0-9]*")
        names = sorted(f"{WITNESSED}/{path.name}" for path in kept if path.name.isdecimal())
        return self._read([*names, HEAD])

    def stamps(self) -> Mapping[str, bytes]:
        """The tokens, and what they are about, by their place in the folder."""
        paths = [path for end in (TOKEN, ABOUT) for path in (self.folder / STAMPS).glob(f"*{end}")]
        return self._read(sorted(f"{STAMPS}{path.name}" for path in paths))

    def _read(self, places: Sequence[str]) -> Mapping[str, bytes]:
        """Their bytes; one that went away meanwhile is left out."""
        found = {}
        for place in places:
            try:
                found[place] = (self.folder / place).read_bytes()
            except FileNotFoundError:
                continue
        return found
