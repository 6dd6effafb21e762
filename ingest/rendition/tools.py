"""Which ffmpeg and which prober work here: Debian's where installed, else those of pip packages.

``imageio-ffmpeg`` brings an ffmpeg but no ffprobe, so on that route PyAV probes, in a child process
like every other reader of hostile media.
"""

from __future__ import annotations

import shutil
import sys
from dataclasses import dataclass
from enum import StrEnum
from importlib.metadata import version
from pathlib import Path

import imageio_ffmpeg

from evidence.errors import SetupError
from ingest.rendition.cage import Cage, CageRule, NoCage, find_cage
from ingest.rendition.run import Job, Limits, first_line

_PYAV_PROBER = Path(__file__).with_name("pyav_prober.py")


class Route(StrEnum):
    """Where the tools come from."""

    SYSTEM = "system"
    """ffmpeg and ffprobe on PATH (apt: Debian security looks after them)."""
    PIP = "pip"
    """ffmpeg of ``imageio-ffmpeg``, and PyAV to probe: needs no root."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Tools:
    """The tools a rendition is made with."""

    route: Route
    ffmpeg: Path
    prober: tuple[str, ...]
    """How the argv of a probe begins."""
    ffmpeg_version: str
    prober_version: str
    cage: Cage | NoCage
    """In which they run whenever they read media."""
    code: tuple[Path, ...] = ()
    """Where they lie, if not in the system's own places."""

    @classmethod
    def find(cls, prefer: Route | None = None, rule: CageRule = CageRule.WHEN_POSSIBLE) -> Tools:
        """The tools of route *prefer*; without it the system's if complete, else pip's.

        *rule* says what to do where no cage can be built.  Raises SetupError if they are not there
        or do not start.
        """
        ffmpeg, ffprobe = shutil.which("ffmpeg"), shutil.which("ffprobe")
        if prefer is Route.PIP or (prefer is None and not (ffmpeg and ffprobe)):
            return cls._of_pip(rule)
        if ffmpeg is None or ffprobe is None:
            raise SetupError(
                "ffmpeg and ffprobe are not both on PATH", advice="Run: apt-get install ffmpeg"
            )
        starts = ((ffmpeg, "-version"), (ffprobe, "-version"))
        code = tuple(place for name in (ffmpeg, ffprobe) for place in _places(name))
        return cls(
            route=Route.SYSTEM,
            ffmpeg=Path(ffmpeg),
            prober=(ffprobe,),
            ffmpeg_version=first_line(starts[0]),
            prober_version=first_line(starts[1]),
            cage=find_cage(rule, code, starts),
            code=code,
        )

    def job(
        self, argv: tuple[str, ...], folder: Path, limits: Limits, reads: tuple[Path, ...] = ()
    ) -> Job:
        """One child that runs *argv*, one of these tools, in *folder*; *reads* are media files."""
        return Job(
            argv=argv, folder=folder, limits=limits, cage=self.cage, reads=reads, code=self.code
        )

    def describe(self) -> str:
        """One line for people: which tools, and where they come from."""
        ffmpeg = self.ffmpeg_version.partition(" Copyright")[0]
        prober = self.prober_version.partition(" Copyright")[0]
        return f"{ffmpeg}, {prober} ({self.route}); cage: {self.cage.words}"

    @classmethod
    def _of_pip(cls, rule: CageRule) -> Tools:
        try:
            ffmpeg = imageio_ffmpeg.get_ffmpeg_exe()
        except RuntimeError as error:
            raise SetupError(f"imageio-ffmpeg has no ffmpeg for this machine: {error}") from error
        prober = (sys.executable, "-I", str(_PYAV_PROBER))
        code = (*_places(ffmpeg), _PYAV_PROBER, Path(sys.prefix), Path(sys.base_prefix))
        return cls(
            route=Route.PIP,
            ffmpeg=Path(ffmpeg),
            prober=prober,
            ffmpeg_version=first_line((ffmpeg, "-version")),
            prober_version=f"PyAV {version('av')}",
            cage=find_cage(rule, code, ((ffmpeg, "-version"), (*prober, "-h"))),
            code=code,
        )


def _places(program: str) -> tuple[Path, ...]:
    """Where *program* is called and, if that is a link, where it lies."""
    called, lies = Path(program), Path(program).resolve()
    return (called,) if called == lies else (called, lies)
