"""What a package may not exceed."""

from __future__ import annotations

from dataclasses import replace

import pytest

from archive.export.plan import Plan, Source, must_be_readable
from evidence.errors import SetupError
from evidence.package import FORMAT, LARGEST_READ, MOST_FILES, Selection, Statement
from evidence.vault import Bucket

SOURCE = Source(path="x", bucket=Bucket.ORIGINALS, key="x", version_id="1", sha256="0", of="c")


def planned(files: int, kind: str = "clips", size: int = 1) -> Plan:
    statement = Statement(
        format=FORMAT,
        origin="police.example/custody",
        made="2026-11-23T08:00:00Z",
        size=size,
        selection=Selection(kind=kind),  # type: ignore[arg-type]
        clips=[],
        entries=[],
        stations={},
    )
    return Plan(
        statement=statement,
        originals=(),
        manifests=(),
        renditions=(SOURCE,) * files,
        clips=(),
        names={},
        openings=(),
        exports=(),
        law=(),
    )


def test_as_many_files_as_are_read_are_let_through() -> None:
    must_be_readable(planned(MOST_FILES - 100), [])


def test_a_version_of_a_dossier_that_no_verifier_would_read_is_refused() -> None:
    large = replace(SOURCE, size=LARGEST_READ)
    must_be_readable(replace(planned(1), filed=(large,)), [])

    with pytest.raises(SetupError, match="bytes of a document or dossier"):
        must_be_readable(replace(planned(1), filed=(replace(large, size=LARGEST_READ + 1),)), [])


@pytest.mark.parametrize(
    "made", [planned(MOST_FILES), planned(10, "all", MOST_FILES * 128)], ids=["files", "log"]
)
def test_more_files_than_are_read_are_refused(made: Plan) -> None:
    with pytest.raises(SetupError, match="5000000 is the most"):
        must_be_readable(made, [])
