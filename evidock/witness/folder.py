"""A witness's folder: its key, the logs it knows, its memory, and its lock.

One rule: one process at a time answers out of one folder.  The kernel drops the lock when its
holder dies, so a killed witness never locks anybody out.
"""

from __future__ import annotations

import fcntl
import os
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.asymmetric.mldsa import MLDSA44PrivateKey

from evidence import durable, key_file
from evidence.cosignature import KeyCosigner, Kind, WitnessKey
from evidence.errors import HomeBusy, LogBroken, SetupError
from evidence.note import VerifierKey, must_be_key_name
from evidock.witness.memory import Memory
from evidock.witness.misconduct import Misconduct


@dataclass(frozen=True, slots=True)
class WitnessFolder:
    """Where everything of one witness lies."""

    folder: Path

    @property
    def memory(self) -> Memory:
        """What it said yes to."""
        return Memory(self.folder / "seen")

    @property
    def misconduct(self) -> Misconduct:
        """What it keeps of logs that misbehaved."""
        return Misconduct(self.folder / "kept")

    def make(self, name: str, kind: Kind) -> WitnessKey:
        """Make a witness called *name* here; the key that others pin.

        A private key that lies here already is never replaced: the witness is its, and its public
        half is written anew.  SetupError if a witness is here already, the key is of another kind
        or signed under another name, or *name* is no name of a key.
        """
        try:
            must_be_key_name(name)
        except ValueError as error:
            raise SetupError(f"a witness cannot be called so: {error}") from error
        durable.make_folder(self.folder)
        if self._vkey.exists():
            raise SetupError(
                f"{self.folder} is the folder of a witness already",
                advice="Use it, or name an empty folder: a new key is a new witness.",
            )
        with suppress(FileExistsError):  # its public half was lost, or a start was cut off
            key_file.create(self._key, _new_key(kind))
        key = KeyCosigner(name, key_file.load(self._key)).key
        self._see_own(key, kind)
        durable.make_folder(self.memory.folder)
        durable.create_same(self._vkey, f"{key}\n".encode())
        return key

    def signer(self) -> KeyCosigner:
        """Who signs; SetupError if this is no witness's folder, or its key is another's."""
        key = self.key()
        signer = KeyCosigner(key.name, key_file.load(self._key))
        if signer.key != key:
            raise SetupError(
                f"{self._key} is not the key that {self._vkey} names",
                advice="Bring back the right one: with another key it is another witness.",
            )
        return signer

    def key(self) -> WitnessKey:
        """The public key that others pin."""
        try:
            return WitnessKey.parse(self._vkey.read_text(encoding="utf-8").strip())
        except FileNotFoundError:
            raise SetupError(
                f"{self.folder} is no witness's folder",
                advice="Make one: evidock witness init --dir DIR --name NAME",
            ) from None
        except ValueError as error:
            raise SetupError(f"{self._vkey}: {error}") from error

    def known(self) -> tuple[VerifierKey, ...]:
        """The keys of the logs that it knows; one origin may have several."""
        try:
            lines = self._logs.read_text(encoding="utf-8").splitlines()
            return tuple(VerifierKey.parse(line) for line in lines if line)
        except FileNotFoundError:
            return ()
        except ValueError as error:
            raise SetupError(f"{self._logs}: {error}") from error

    def keys_of(self, origin: str) -> tuple[VerifierKey, ...]:
        """The keys of the log *origin*; none if it is not known."""
        return tuple(key for key in self.known() if key.name == origin)

    def trust(self, key: VerifierKey) -> bool:
        """Know the log of *key* from now on; whether it was not known so far.

        The caller holds the lock.
        """
        known = self.known()
        self.memory.begin(key.name, again=key.name in {each.name for each in known})
        if key in known:
            return False
        lines = "".join(f"{each}\n" for each in (*known, key))
        durable.replace(self._logs, lines.encode())
        return True

    @contextmanager
    def locked(self) -> Iterator[None]:
        """Hold the folder; HomeBusy if another process answers out of it."""
        self.key()
        handle = os.open(self.folder / "lock", os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
        try:
            try:
                fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                raise HomeBusy(
                    f"the witness in {self.folder} is being served by another process",
                    advice="Send the request there, or stop it first.",
                ) from None
            durable.take_over(self.folder)
            yield
        finally:
            os.close(handle)

    def _see_own(self, key: WitnessKey, kind: Kind) -> None:
        """SetupError unless *key* is what the witness of this folder was asked for, and was."""
        if key.kind is not kind:
            raise SetupError(
                f"{self._key} is an {key.kind.name} key, and another kind was asked for",
                advice="Make it anew with or without --ml-dsa, or in another folder.",
            )
        for origin in dict.fromkeys(each.name for each in self.known()):
            try:
                self.memory.last(origin, key)
            except LogBroken as error:
                raise SetupError(
                    f"{key.name} is not the witness of {self.folder}: {error}",
                    advice="Give the --name that it had: those who rely on it have it in its key.",
                ) from error

    @property
    def _key(self) -> Path:
        return self.folder / "witness.key"

    @property
    def _vkey(self) -> Path:
        return self.folder / "witness.vkey"

    @property
    def _logs(self) -> Path:
        return self.folder / "logs"


def _new_key(kind: Kind) -> Ed25519PrivateKey | MLDSA44PrivateKey:
    match kind:
        case Kind.ED25519:
            return Ed25519PrivateKey.generate()
        case Kind.ML_DSA_44:
            return MLDSA44PrivateKey.generate()
