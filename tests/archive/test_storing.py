"""Files of a package that are too large for one request, in a real store."""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import Any

import boto3
import pytest

from archive.originals import Bytes
from archive.rebuild.storing import Storing
from evidence.digest import Sha256
from evidence.errors import DigestMismatch
from evidence.vault import Bucket
from evidence.vault.s3 import S3Vault
from evidence.verification.folder import Folder

PART = 5 << 20
DATA = bytes(range(256)) * (PART // 256) + b"the last part"


def stored(vault: S3Vault, folder: Path, data: bytes, key: str) -> str:
    """Store *data* where the log says that it is :data:`DATA`; the version."""
    (folder / "package").mkdir()
    (folder / "package" / "media.mp4").write_bytes(data)
    storing = Storing(
        files=Folder(folder / "package"), vault=vault, scratch=folder / "scratch", part=PART
    )
    what = Bytes(sha256=Sha256.of(DATA), size=len(DATA))
    return storing.store("media.mp4", Bucket.DERIVED, key, what, None).version_id


async def test_it_is_stored_whole(agency_vault: S3Vault, tmp_path: Path) -> None:
    key = f"lab/{tmp_path.name}/whole"

    version = await asyncio.to_thread(stored, agency_vault, tmp_path, DATA, key)

    assert b"".join(agency_vault.read(Bucket.DERIVED, key, version)) == DATA


@pytest.mark.parametrize("change", ["first", "last", "short"])
async def test_another_file_is_not_stored_under_its_name(
    agency_vault: S3Vault, tmp_path: Path, change: str
) -> None:
    """Somebody writes to the package after it was verified."""
    other = {"first": b"x" + DATA[1:], "last": DATA[:-1] + b"x", "short": DATA[:-1]}[change]
    key = f"lab/{tmp_path.name}/{change}"

    with pytest.raises(DigestMismatch):
        await asyncio.to_thread(stored, agency_vault, tmp_path, other, key)

    assert agency_vault.find(Bucket.DERIVED, key) is None
    assert unfinished(agency_vault, key) == [], "nothing of it stays"


def unfinished(vault: S3Vault, key: str) -> list[str]:
    """Uploads in parts of *key* that the store still keeps."""
    asked = {"Bucket": vault.bucket_name(Bucket.DERIVED), "Prefix": key}
    found = client_of(vault).list_multipart_uploads(**asked).get("Uploads", [])
    return [str(each["UploadId"]) for each in found]


def client_of(vault: S3Vault) -> Any:
    """What asks the store past the vault."""
    of = vault.settings
    return boto3.client(
        "s3",
        endpoint_url=of.endpoint,
        aws_access_key_id=of.access_key,
        aws_secret_access_key=of.secret_key,
        region_name=of.region,
        verify=of.ca_file or True,
    )
