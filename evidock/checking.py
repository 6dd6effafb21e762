"""``fsck`` of a home, whether it runs or not, and how far it is."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from typing import cast

from archive.fixity import Finding, Progress, Step
from archive.fixity.examine import examine
from archive.fixity.opening import opened
from archive.service import Archive
from evidence.clock import SystemClock
from evidence.settings import Settings
from evidence.vault import Vault
from evidock import control
from evidock.home import Home
from evidock.vaults import OpenVault, open_second, open_vault

Told = Callable[[str, int, int], None]
"""Hears the name of the step, and how much of how many is done."""

_LOOK_AGAIN = 0.2


@dataclass(slots=True, kw_only=True)
class Check:
    """The one check a running home does at a time; whoever asks meanwhile is told how far it is."""

    archive: Archive
    _task: asyncio.Task[list[Finding]] | None = None
    _at: tuple[Step, int, int] = field(default=(Step.CHECKPOINT, 0, 1))

    async def answer(self, _request: Mapping[str, object]) -> control.Answer:
        """Begin a check, or say how far it is, or what it found."""
        if self._task is None:
            self._at = (Step.CHECKPOINT, 0, 1)
            self._task = asyncio.create_task(self.archive.examine(self._hear))
        if not self._task.done():
            step, done, of = self._at
            return {"step": step.name.lower(), "done": done, "of": of}
        task, self._task = self._task, None
        return {"findings": [finding.to_wire() for finding in await task]}

    async def aclose(self) -> None:
        """End what is under way: the home stops."""
        if self._task is not None:
            self._task.cancel()
            with suppress(asyncio.CancelledError, Exception):
                await self._task

    def _hear(self, step: Step, done: int, of: int) -> None:
        self._at = (step, done, of)


def check_running(home: Home, told: Told) -> Sequence[Mapping[str, object]]:
    """What the process that runs *home* finds."""
    while "findings" not in (answer := control.ask(home.socket, "fsck")):
        told(str(answer["step"]), int(str(answer["done"])), int(str(answer["of"])))
        time.sleep(_LOOK_AGAIN)
    return cast("Sequence[Mapping[str, object]]", answer["findings"])


async def check_resting(home: Home, told: Told) -> Sequence[Mapping[str, object]]:
    """What is found in *home*, whose lock the caller holds."""
    settings, clock = home.settings(), SystemClock()
    progress: Progress = lambda step, done, of: told(step.name.lower(), done, of)  # noqa: E731
    async with (
        open_vault(home, settings, clock, proven=False) as vault,  # an unfit one is looked at, too
        opened(
            settings, home.archive, vault.vault, clock, second=_copies(settings, vault, clock)
        ) as what,
    ):
        return [finding.to_wire() for finding in await examine(what, progress)]


def _copies(settings: Settings, first: OpenVault, clock: SystemClock) -> Vault | None:
    """The second vault, if there is one."""
    side = open_second(settings, first.vault, clock)
    return None if side is None else side.vault
