"""The mark of an archive that was put back from a backup: it may not sign until it caught up.

One rule: it is a file beside the log's key, so that whoever would sign sees it, and it goes only
after everybody who may know more was heard.
"""

from __future__ import annotations

import json
from datetime import datetime
from pathlib import Path

from evidence import durable
from evidence.clock import stamp
from evidence.errors import SetupError

_NAME = "restored.json"


class RestoredMark:
    """The mark in the archive's *folder*.  It blocks."""

    def __init__(self, folder: Path) -> None:
        self._path = folder / _NAME

    @property
    def stands(self) -> bool:
        """Whether the archive was restored, and has not caught up."""
        return self._path.exists()

    def set(self, at: datetime, size: int) -> None:
        """The archive was restored *at* that moment, its log having *size* entries."""
        told = {"restored": stamp(at), "size": size}
        durable.replace(self._path, json.dumps(told).encode("ascii"))

    def clear(self) -> None:
        """It has caught up."""
        durable.discard(self._path)


def must_not_stand(folder: Path) -> None:
    """SetupError if the archive in *folder* was restored, where nobody can be asked for more."""
    if RestoredMark(folder).stands:
        raise SetupError(
            f"{folder} was restored from a backup and has not caught up: nothing may be signed yet",
            advice="Start the home with its vault first: evidock up --home DIR.",
        )
