"""What the rows of a clip are once it was disposed of: what the log says of it, and no more.

One rule: whoever folds entries into rows, and whoever writes the tombstone, empty the same columns.
"""

from __future__ import annotations


def emptied(clip: str) -> dict[str, object]:
    """The columns of *clip* that no entry tells in the clear, as they stand after its end.

    The path is told apart from those of other clips by the clip's own id.
    """
    nothing = (
        "camera_key",
        "officer",
        "officer_key",
        "started",
        "claimed_start",
        "begins",
        "latitude",
        "longitude",
        "imported_by",
        "import_reason",
        "import_source",
        "import_sha256",
    )
    path = clip.encode("utf-8").hex()
    return {"camera": "", "path_hex": path, "name": "", **dict.fromkeys(nothing)}
