"""With the store's root identity nobody deletes, shortens or overwrites an original."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import boto3
import pytest
from botocore.exceptions import ClientError

from evidence.clock import unstamp
from tests.e2e.command import demo, evidock, up


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    place = tmp_path_factory.mktemp("root")
    (place / "cards" / "card").mkdir(parents=True)
    (place / "cards" / "card" / "notes.txt").write_bytes(b"the original\n")
    assert demo(place / "home", place / "cards").code == 0
    return place / "home"


@pytest.fixture(scope="module")
def root(home: Path) -> Iterator[Any]:
    with up(home):
        told = evidock("vault", "credentials", "--home", home, "--json").json
        yield boto3.client(
            "s3",
            endpoint_url=told["endpoint"],
            aws_access_key_id=told["access_key"],
            aws_secret_access_key=told["secret_key"],
            region_name=told["region"],
        )


@pytest.fixture(scope="module")
def clip(home: Path) -> dict[str, Any]:
    (found,) = evidock("clips", "--home", home, "--json").json["clips"]
    return found["vault"] | {"sha256": found["sha256"]}  # type: ignore[no-any-return]


def _version(clip: dict[str, Any]) -> dict[str, str]:
    return {"Bucket": clip["bucket"], "Key": clip["key"], "VersionId": clip["version_id"]}


@pytest.mark.parametrize("bypass", [False, True])
def test_root_cannot_delete_the_version(root: Any, clip: dict[str, Any], bypass: bool) -> None:  # noqa: FBT001
    with pytest.raises(ClientError, match="AccessDenied"):
        root.delete_object(**_version(clip), BypassGovernanceRetention=bypass)


@pytest.mark.parametrize("mode", ["COMPLIANCE", "GOVERNANCE"])
def test_root_cannot_shorten_or_weaken_the_lock(root: Any, clip: dict[str, Any], mode: str) -> None:
    sooner = unstamp(clip["lock_until"]) - timedelta(days=1)

    with pytest.raises(ClientError):
        root.put_object_retention(
            **_version(clip),
            Retention={"Mode": mode, "RetainUntilDate": sooner},
            BypassGovernanceRetention=True,
        )


def test_root_cannot_take_the_originals_place(root: Any, clip: dict[str, Any]) -> None:
    root.put_object(Bucket=clip["bucket"], Key=clip["key"], Body=b"forged")
    root.delete_object(Bucket=clip["bucket"], Key=clip["key"])

    held = root.get_object(**_version(clip))["Body"].read()

    assert held == b"the original\n"


def test_root_cannot_destroy_the_bucket_or_stop_versioning(root: Any, clip: dict[str, Any]) -> None:
    with pytest.raises(ClientError):
        root.delete_bucket(Bucket=clip["bucket"])
    with pytest.raises(ClientError):
        root.put_bucket_versioning(
            Bucket=clip["bucket"], VersioningConfiguration={"Status": "Suspended"}
        )


def test_showing_the_credentials_is_on_record(home: Path) -> None:
    bundle = b"".join(
        path.read_bytes() for path in sorted((home / "archive" / "log").rglob("tile/entries/**/*"))
        if path.is_file()
    )  # fmt: skip

    assert b'"kind":"vault.credentials"' in bundle
