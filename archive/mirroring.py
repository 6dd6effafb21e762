"""The log and what time-stamping authorities said of it, copied into one vault.

One rule: only one copies at a time.  A stop may leave a thread at it, which the next run awaits.
"""

from __future__ import annotations

import threading

from archive.books import Books
from archive.log.mirror import Mirror
from archive.log.timestamps import FOLDER
from archive.timekeeping import ClockWatch
from evidence.vault import Lock, Vault


class LogCopy:
    """Keeps one vault's copy up to date; blocks.

    With *read_back* everything that is stored is read from the vault, and compared.
    """

    def __init__(
        self, held: Books, vault: Vault, watch: ClockWatch, *, read_back: bool = False
    ) -> None:
        self._mirror = Mirror(held.log, vault, held.signer.key, read_back=read_back)
        self._timestamps = held.timestamps
        self._watch = watch
        self._copying = threading.Lock()
        self._stamped: set[str] = set()
        """Time stamps of which the vault has a copy."""
        self.is_there = threading.Event()
        """Set once the vault has a copy of what there was at the start."""

    def run(self, lock: Lock) -> None:
        """Copy what is new; *lock* is that of what comes in now.  As :meth:`Mirror.run`.

        ClockWrong while nothing may be locked by this machine's clock.
        """
        self._watch.must_be_right(None)
        with self._copying:
            self._mirror.run(lock)
            for each in self._timestamps.all():
                if each.token.name not in self._stamped:
                    for file in (each.about, each.token):
                        self._mirror.keep(f"{FOLDER}/{file.name}", file.read_bytes(), lock)
                    self._stamped.add(each.token.name)
        self.is_there.set()
