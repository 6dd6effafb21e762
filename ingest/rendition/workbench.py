"""Where one rendition is made: its source, tools and folder, and the files finished so far."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from fractions import Fraction
from pathlib import Path

from evidence import durable
from evidence.canonical import canonical
from evidence.digest import Sha256
from evidence.errors import RenditionFailed
from ingest.rendition import tray
from ingest.rendition.ffmpeg import Output, Source, command, progress_sink
from ingest.rendition.rendition import RenditionFile
from ingest.rendition.run import Limits, run
from ingest.rendition.tools import Tools

CONTENT_TYPES: Mapping[str, str] = {
    ".mp4": "video/mp4",
    ".m3u8": "application/vnd.apple.mpegurl",
    ".json": "application/json",
    ".jpg": "image/jpeg",
}
_TRAYS = "trays"
_ORIGINAL = "ORIGINAL"
"""Stands for the original's path in all that is kept: paths tell of people and places."""


def _nobody(_seconds: float) -> None:
    """Nobody wants to hear how far it is."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Made:
    """What one child has made, where only that child could write."""

    tray: Path
    argv: tuple[str, ...]
    names: tuple[str, ...]


@dataclass(slots=True, kw_only=True)
class Workbench:
    """One rendition in the making."""

    source: Source
    folder: Path
    """Holds what is kept, out of every child's reach."""
    tools: Tools
    progress: Callable[[float], None] | None
    seconds: Fraction | None = None
    """How long the source claims to be, once it was asked."""
    files: list[RenditionFile] = field(default_factory=list)
    commands: list[list[str]] = field(default_factory=list)
    _laid: int = 0

    @property
    def trays(self) -> Path:
        """The folder in which all trays lie."""
        return self.folder / _TRAYS

    async def lay_tray(self) -> Path:
        """A new folder for one child to work in: what it leaves there, no other child sees."""
        self._laid += 1
        laid = self.trays / str(self._laid)
        await asyncio.to_thread(laid.mkdir, parents=True)
        return laid

    def tell(self, part: float) -> None:
        """Say that *part* of the whole work (0 to 1) is done."""
        if self.progress is not None:
            self.progress(part)

    async def encode(self, source: Source, outputs: tuple[Output, ...], limits: Limits) -> None:
        """Run ffmpeg for *outputs*, and take them over."""
        await self.take(await self.make(source, outputs, limits))

    async def make(
        self,
        source: Source,
        outputs: tuple[Output, ...],
        limits: Limits,
        tell: Callable[[float], None] = _nobody,
    ) -> Made:
        """What ffmpeg makes of *source*, still on its tray; *tell* hears the seconds done so far.

        If it fails or is cancelled, nothing is left of it.
        """
        argv = command(self.tools, source, *outputs)
        laid = await self.lay_tray()
        try:
            await run(self.tools.job(argv, laid, limits, (source.path,)), progress_sink(tell))
        except BaseException:
            tray.remove(laid)
            raise
        return Made(tray=laid, argv=argv, names=tuple(output.target for output in outputs))

    async def take(self, made: Made) -> None:
        """Take over what was *made*, and note how."""
        for name in made.names:
            await asyncio.to_thread(tray.take, made.tray, name, self.folder)
        self.commands.append([self.impersonal(word) for word in made.argv])

    async def finish(self, name: str) -> None:
        """Give the file ffmpeg left as ``NAME.part`` its name, made durable, and enter it."""
        await self.enter(await self.land(name))

    async def land(self, name: str) -> Path:
        """Give the file ffmpeg left as ``NAME.part`` its name, made durable."""
        final = self.folder / name
        part = self.folder / (name + durable.PART)
        if part.stat().st_size == 0:
            raise RenditionFailed(f"ffmpeg ended well but made no {name}")
        size = part.stat().st_size
        await asyncio.to_thread(durable.land, part, final, size)
        return final

    async def enter(self, landed: Path) -> None:
        """Hash the *landed* file and enter it among those that are finished."""
        sha256 = await asyncio.to_thread(Sha256.of_file, landed)
        self._enter(landed.name, landed.stat().st_size, sha256)

    def write(self, name: str, data: bytes) -> None:
        """Make the small file *name*, durable, and enter it."""
        durable.create(self.folder / name, data)
        self._enter(name, len(data), Sha256.of(data))

    def write_document(self, name: str, document: Mapping[str, object]) -> None:
        """Make *name* hold *document* as canonical JSON."""
        self.write(name, canonical(document))

    def _enter(self, name: str, size: int, sha256: Sha256) -> None:
        content_type = CONTENT_TYPES[Path(name).suffix]
        self.files.append(
            RenditionFile(name=name, size=size, sha256=sha256, content_type=content_type)
        )

    def impersonal(self, text: str) -> str:
        """*text* without the paths of this station, camera and officer."""
        places = {
            self.source.url: _ORIGINAL,
            str(self.source.path): _ORIGINAL,
            **{f"{self.trays.absolute()}/{number + 1}/": "" for number in range(self._laid)},
            f"{self.folder.absolute()}/": "",
            str(self.tools.ffmpeg): self.tools.ffmpeg.name,
        }
        for place, word in places.items():
            text = text.replace(place, word)
        return text
