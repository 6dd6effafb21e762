"""Acts of who is root of the store, through S3 and below it; one home is hurt more and more."""

from __future__ import annotations

from pathlib import Path

import pytest

from archive.log.mirror import PREFIX
from evidence.custody import EntryKind
from evidence.vault import Bucket
from evidence.vault.embedded import Engine
from tests.insider.acts import act
from tests.insider.home import FOOTAGE, Home
from tests.insider.volume import forge


@pytest.fixture(scope="module")
def data(engine: Engine) -> Path:
    """Where the engine's volumes lie."""
    return engine._data


def keys(home: Home, bucket: Bucket, prefix: str = "") -> list[str]:
    return sorted({each.key for each in home.vault.versions(bucket, prefix)})


def original(home: Home, at: int = 0) -> str:
    return [key for key in keys(home, Bucket.ORIGINALS) if key.startswith("yard/")][at]


@act("I-20")
async def test_a_new_version_is_laid_over_an_original(own: Home) -> None:
    """The store must allow that; the true version is read by its id, and the other is named."""
    own.root.put(Bucket.ORIGINALS, original(own), b"forged")

    assert await own.named() == {(10, "stray object")}


@act("I-21")
async def test_a_delete_marker_hides_an_original(own: Home) -> None:
    key = original(own, 1)
    hidden = own.root.attempt("delete_object", Bucket.ORIGINALS, Key=key)
    assert hidden.status < 300
    assert own.vault.find(Bucket.ORIGINALS, key) is None

    assert (7, "original") not in await own.named()  # it is asked for by its version, and is there


@act("I-22")
async def test_an_object_is_put_among_the_originals(own: Home) -> None:
    own.root.put(Bucket.ORIGINALS, "yard/" + "0" * 64, b"nobody's")

    strays = [each.subject for each in await own.fsck() if each.component.value == "stray object"]

    assert any("0" * 64 in subject for subject in strays)


@act("I-23")
@pytest.mark.parametrize(
    ("prefix", "found"),
    [("yard/census/", (11, "census")), ("yard/exports/", (13, "export record"))],
)
async def test_a_record_is_hidden(own: Home, prefix: str, found: tuple[int, str]) -> None:
    key = keys(own, Bucket.RECORDS, prefix)[0]
    own.root.attempt("delete_object", Bucket.RECORDS, Key=key)

    assert found in await own.named()


@act("I-24")
async def test_the_vaults_copy_of_the_log_is_altered(own: Home) -> None:
    for key in keys(own, Bucket.RECORDS, f"{PREFIX}tile/entries"):
        own.root.put(Bucket.RECORDS, key, b"\0\1x")

    assert (9, "log copy") in await own.named()


@act("I-25")
async def test_bytes_are_altered_below_s3(own: Home, data: Path) -> None:
    """No lock holds up who writes the engine's files; its own checksum is made to fit."""
    held = FOOTAGE[min(FOOTAGE)]
    forge(data, own.vault.bucket_name(Bucket.ORIGINALS), held, b"forged" + held[6:])

    findings = [each for each in await own.fsck() if each.component.value == "original"]

    assert ["reads back as 6000 bytes" in each.problem for each in findings] == [True]


@act("I-27")
async def test_an_opening_is_removed_and_one_is_altered(own: Home) -> None:
    """Openings are not locked, since names may have to be forgotten."""
    removed, altered = keys(own, Bucket.RECORDS, "yard/openings/")[:2]
    own.root.attempt("delete_object", Bucket.RECORDS, Key=removed)
    own.root.put(Bucket.RECORDS, altered, b"{}")

    found = {each.subject for each in await own.fsck() if each.component.value == "openings"}

    assert found == {f"records/{removed}", f"records/{altered}"}


@act("I-26")
async def test_fixity_rounds_are_said_to_have_passed(own: Home) -> None:
    """The entry says that none had failed; whoever reads the bytes is told otherwise."""
    assert b'"failed":0' in own.entries()[own.find(EntryKind.FIXITY_HELD)]

    assert (7, "original") in await own.named()
