"""Pages for people as PDF, set by typst.

One rule: all text goes in as data (``sys.inputs.data``, JSON) and none as markup, so nothing that a
camera, an officer or a log said can be anything but text on the page.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import datetime
from functools import cache

import typst

from evidence.errors import SetupError

FONT = "Noto Sans CJK SC"
"""Has Chinese and Latin; without it the pages would show boxes."""


def lacking_font() -> str | None:
    """Why no page can be set here; None if it can."""
    if FONT in _fonts():
        return None
    return f"the font {FONT} is not installed (Debian: apt install fonts-noto-cjk)"


def pdf(template: bytes, data: Mapping[str, object], made: datetime) -> bytes:
    """The PDF of *template* with *data*, dated *made*; equal for equal arguments.

    SetupError if typst does not set it.
    """
    text = json.dumps(data, ensure_ascii=False)
    try:
        # A compiler forgets a document that it could not set: each try has its own.
        found = typst.Compiler(template).compile(
            format="pdf", sys_inputs={"data": text}, timestamp=int(made.timestamp())
        )
    except typst.TypstError as error:
        raise SetupError(
            f"the pages cannot be set: {error.message}",
            advice="Nothing was left. Report this with the message.",
        ) from error
    if not isinstance(found, bytes):
        raise TypeError("typst gives one PDF as bytes")
    return found


@cache
def _fonts() -> frozenset[str]:
    return frozenset(typst.Fonts().families())
