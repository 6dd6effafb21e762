"""What the process of a port does; :mod:`station.port.process` starts it.

One rule: it does one thing after another, and ends with the station, even while it hangs: the
kernel kills it when the other end of its pipe *life* is closed.  What is no error of ours ends it.
"""

from __future__ import annotations

import fcntl
import os
import select
import signal
import socket
import sys
from collections.abc import Callable, Mapping, Sequence
from types import MappingProxyType

from evidence.erase_proof import EraseProof
from evidence.errors import CardGone, EvidenceError
from ingest.source import Listed, Original, Stat
from station.card import Card
from station.port.talk import PortEnd


class Served:
    """The card of this process, and those of its files that are open."""

    def __init__(self) -> None:
        self._card: Card | None = None
        self._open: dict[int, Original] = {}
        self._number = 0

    @property
    def card(self) -> Card:
        if self._card is None:
            raise CardGone("no card was opened at this port")
        return self._card

    def begin(self, opens: Callable[[], Card]) -> tuple[str, str]:
        """Open the card; its serial and identity."""
        self._card = opens()
        return self._card.serial, self._card.identity

    def do(self, work: Callable[[], object]) -> object:
        """Do *work*, which needs no card."""
        return work()

    def change(self, work: Callable[[], object]) -> object:
        """The same, for what is written to a camera and must not be cut off."""
        return work()

    def listing(self) -> Sequence[Listed]:
        return self.card.listing()

    def erase(self, listed: Listed, proof: EraseProof) -> bool:
        """Hand *proof* on as it came."""
        return self.card.erase(listed, proof)

    def open(self, listed: Listed) -> int:
        """Open a file; the number it is then known by."""
        original = self.card.open(listed)
        self._number += 1
        self._open[self._number] = original.__enter__()
        return self._number

    def read(self, number: int, offset: int, size: int) -> bytes:
        return self._open[number].read_at(offset, size)

    def stat(self, number: int) -> Stat:
        return self._open[number].stat()

    def cool(self, number: int) -> None:
        self._open[number].cool()

    def shut(self, number: int) -> None:
        """Let go of a file."""
        self._open.pop(number).__exit__(None, None, None)

    def close(self) -> None:
        """The station wants no more."""
        if self._card is not None:
            self._card.close()


_VERBS: Mapping[str, Callable[..., object]] = MappingProxyType(
    {
        verb.__name__: verb
        for verb in (
            Served.begin,
            Served.do,
            Served.change,
            Served.listing,
            Served.erase,
            Served.open,
            Served.read,
            Served.stat,
            Served.cool,
            Served.shut,
        )
    }
)
"""What may be asked for."""


def main(end: int, life: int) -> None:
    """Answer what is asked at the socket *end*, until nobody asks any more."""
    _die_with(life)
    signal.signal(signal.SIGTERM, signal.SIG_IGN)  # the station says when it is over
    talk, served = PortEnd(socket.socket(fileno=end)), Served()
    while (request := talk.request()) is not None:
        verb, given = request
        try:
            told = _VERBS[verb](served, *given)
        except EvidenceError as error:
            talk.fail(error)
        else:
            talk.answer(told)
    served.close()
    os._exit(0)  # nothing is left to be tidied up, which takes as long as a start


def _die_with(life: int) -> None:
    """Be killed when the other end of the pipe *life* is closed (fcntl(2), F_SETSIG)."""
    fcntl.fcntl(life, fcntl.F_SETOWN, os.getpid())
    fcntl.fcntl(life, fcntl.F_SETSIG, signal.SIGKILL)
    fcntl.fcntl(life, fcntl.F_SETFL, fcntl.fcntl(life, fcntl.F_GETFL) | os.O_ASYNC)
    if select.select([life], [], [], 0)[0]:  # it was closed before the kernel was told
        sys.exit(1)
