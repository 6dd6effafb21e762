"""The process of a port, as the station sees it; and its card, whose verbs are asked of that.

One rule: whatever is asked has its time.  A process that does not answer in time, or answers
nonsense, is killed and never asked again: its card is gone until something is plugged in anew.

While a block is hashed here, the process reads the next one.
"""

from __future__ import annotations

import logging
import os
import signal
import socket
import subprocess
import sys
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from threading import Thread
from types import MappingProxyType, TracebackType
from typing import Self, TypeVar

from evidence.erase_proof import EraseProof
from evidence.errors import CardGone, EvidenceError, SetupError
from ingest.source import Listed, Stat
from station.card import Card
from station.port.talk import FEW, MOST, Garbled, StationEnd

_log = logging.getLogger(__name__)
WITHIN: Mapping[str, float] = MappingProxyType(
    {
        "begin": 300.0,
        "do": 300.0,
        "change": 3600.0,
        "listing": 900.0,
        "open": 300.0,
        "read": 300.0,
        "stat": 300.0,
        "cool": 300.0,
        "shut": 300.0,
        "erase": 900.0,
    }
)
"""Seconds that each verb may take.  The kernel itself gives up a read of a USB disk after 180 (its
SD_TIMEOUT of 30, six times), and that answer is to be heard: then the card's image is made.
Firmware that is half written is worse than a port that waits."""
_ENDS_WITHIN = 2.0
"""Seconds in which a process that has nothing more to do, or was killed, is gone."""
_BEGIN = """import sys
sys.path[:] = sys.argv[3:]
from station.port.worker import main
main(int(sys.argv[1]), int(sys.argv[2]))"""
Told = TypeVar("Told")


@dataclass(frozen=True, slots=True)
class _Block:
    """Bytes of an open file."""

    number: int
    offset: int
    size: int


class PortProcess:
    """A fresh process for the port that people know as *where*.  SetupError if none can be started.

    Its verbs block, but for :meth:`give_up`.  One thread at a time asks; any may give it up.
    """

    def __init__(self, where: str, *, within: Mapping[str, float] = WITHIN) -> None:
        self.where = where
        self.failure: str | None = None
        """Why it is asked no more, if it is not."""
        self._within = within
        self._ahead: _Block | None = None
        """Asked for, and not taken yet."""
        self.is_closed = False
        ours, its = socket.socketpair()
        life, self._life = os.pipe()
        try:
            self._process = _started(its.fileno(), life)
        except OSError as error:
            ours.close()
            os.close(self._life)
            raise SetupError(f"no process for {where} can be started: {error}") from error
        finally:
            its.close()
            os.close(life)
        self._talk = StationEnd(ours)
        self._reaper = Thread(target=self._process.wait, name=f"ends of {where}", daemon=True)
        self._reaper.start()

    @property
    def pid(self) -> int:
        return self._process.pid

    def open(self, opens: Callable[[], Card]) -> PortCard:
        """The card that *opens* gives there.  Raises what it raises; then it may be tried again.

        *opens* is pickled, and the modules that it needs are imported there.
        """
        serial, identity = self.ask(tuple[str, str], "opening the card", "begin", opens)
        return PortCard(self, serial, identity)

    def ask(self, kind: type[Told], doing: str, verb: str, *given: object) -> Told:
        """The answer to *verb*, of *kind*; CardGone if there is none, or what the process met.

        *doing* tells people what it was about.
        """
        with self._asking(doing, verb):
            self._settle()
            self._talk.say(verb, *given)
            most = MOST if verb == "listing" else FEW
            return self._talk.value(kind, most, within=self._within[verb])

    def read(self, number: int, path: bytes, offset: int, size: int, *, then: int) -> bytes:
        """As :meth:`ingest.source.Original.read_at`.

        *then* tells how many bytes will be wanted next: they are read while the caller works.
        """
        wanted = _Block(number, offset, size)
        with self._asking(f"reading {path!r} at byte {offset:,}", "read"):
            if self._ahead != wanted:
                self._settle()
                self._want(wanted)
            self._ahead = None
            block = self._talk.block(size, within=self._within["read"])
            if then and len(block) == size:
                self._want(_Block(number, offset + size, then))
            return block

    def give_up(self, reason: str) -> None:
        """Ask it no more, and kill it.  Waits for nothing; whoever waits for it gets CardGone."""
        self.failure = self.failure or reason
        self._talk.shut()
        self._process.kill()

    def close(self) -> None:
        """Let it close its card and end; kill it if it does not."""
        if self.is_closed:
            return
        self.is_closed = True
        self._talk.shut()
        if self.failure is None:
            self._reaper.join(_ENDS_WITHIN)
        self._process.kill()
        self._talk.close()
        os.close(self._life)

    def _want(self, block: _Block) -> None:
        self._talk.say("read", block.number, block.offset, block.size)
        self._ahead = block

    def _settle(self) -> None:
        """Take what was asked for ahead, and nobody wants."""
        ahead, self._ahead = self._ahead, None
        if ahead is not None:
            with suppress(EvidenceError):  # whoever reads there hears it then
                self._talk.block(ahead.size, within=self._within["read"])

    @contextmanager
    def _asking(self, doing: str, verb: str) -> Iterator[None]:
        if self.failure is not None or self.is_closed:
            raise CardGone(f"{self.where} is not read any more: {self.failure or 'it was closed'}")
        try:
            yield
        except TimeoutError:
            failure = f"{doing} hung: no answer within {self._within[verb]:g} seconds"
        except Garbled as error:
            failure = f"while {doing}, its process was no good: {error}"
        except (EOFError, OSError):
            failure = f"while {doing}, its process ended{self._how()}"
        else:
            return
        raise CardGone(f"{self.where}: {self._ended(failure)}")

    def _ended(self, failure: str) -> str:
        """Why it is asked no more: *failure*, unless it was given up before."""
        if self.failure is None:
            self.give_up(failure)
            self._reaper.join(_ENDS_WITHIN)
            if self._reaper.is_alive():
                failure += f"; the kernel does not let process {self.pid} end: it is left behind"
            self.failure = failure
            _log.error("%s: %s", self.where, failure)
        return self.failure

    def _how(self) -> str:
        """How it ended, if that is to be told."""
        self._reaper.join(_ENDS_WITHIN)
        code = self._process.returncode
        if code is None:
            return ""
        return f" ({signal.Signals(-code).name})" if code < 0 else f" (exit code {code})"


class PortCard:
    """The card that *process* has open; ends the process with it."""

    def __init__(self, process: PortProcess, serial: str, identity: str) -> None:
        self._process = process
        self.serial = serial
        self.identity = identity

    def listing(self) -> tuple[Listed, ...]:
        """Everything on the card, ordered by path.  Raises CardGone if the card left."""
        return self._process.ask(tuple[Listed, ...], "listing the card", "listing")

    def open(self, listed: Listed) -> PortOriginal:
        number = self._process.ask(int, f"opening {listed.path!r}", "open", listed)
        return PortOriginal(self._process, number, listed)

    def erase(self, listed: Listed, proof: EraseProof) -> bool:
        """Hand *proof* on (:meth:`ingest.source.ErasableSource.erase`)."""
        return self._process.ask(bool, f"erasing {listed.path!r}", "erase", listed, proof)

    def close(self) -> None:
        self._process.close()


class PortOriginal:
    """One file that *process* has open as *number*."""

    def __init__(self, process: PortProcess, number: int, listed: Listed) -> None:
        self._process = process
        self._number = number
        self._path, self._size = listed.path, listed.size
        self._reached = 0

    def read_at(self, offset: int, size: int) -> bytes:
        # After two blocks in a row a third follows, up to the end of what was listed.
        follows = min(size, self._size - offset - size) if 0 < offset == self._reached else 0
        block = self._process.read(self._number, self._path, offset, size, then=max(0, follows))
        self._reached = offset + len(block)
        return block

    def stat(self) -> Stat:
        return self._process.ask(Stat, f"looking at {self._path!r}", "stat", self._number)

    def cool(self) -> None:
        self._process.ask(type(None), f"cooling {self._path!r}", "cool", self._number)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        with suppress(EvidenceError):  # gone: then it is open no more
            self._process.ask(type(None), f"closing {self._path!r}", "shut", self._number)


def _started(end: int, life: int) -> subprocess.Popen[bytes]:
    """A fresh interpreter, which finds our modules where we do.

    Not as its environment tells, since that is more than Python knows of it (setenv(3)).
    """
    paths = [path or os.getcwd() for path in sys.path]  # noqa: PTH109
    return subprocess.Popen(
        [sys.executable, "-P", "-c", _BEGIN, str(end), str(life), *paths],
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        pass_fds=(end, life),
        start_new_session=True,  # Ctrl-C is for us
    )
