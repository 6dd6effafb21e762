"""The embedded engine as an attacker on the same machine, or with its keys, would find it."""

from __future__ import annotations

import json
import os
import stat
import subprocess
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

from evidence.clock import SystemClock
from evidence.errors import VaultUnreachable
from evidence.vault import Bucket, Lock, LockMode, SignedRequest, StoredVersion
from evidence.vault.embedded import Engine, buckets
from evidence.vault.embedded.engine import find_program
from evidence.vault.holder import Answer, send
from evidence.vault.s3 import S3Vault
from tests.evidence.vault.listening import listening_ports

CLIP = b"what the camera saw"
FORBIDDEN_TO_ALL = [
    ("delete_object", {}),
    ("delete_object", {"BypassGovernanceRetention": True}),
    ("put_object_retention", {"shorten": "COMPLIANCE"}),
    ("put_object_retention", {"shorten": "COMPLIANCE", "BypassGovernanceRetention": True}),
    ("put_object_retention", {"weaken": "GOVERNANCE", "BypassGovernanceRetention": True}),
    ("put_object_retention", {"clear": True, "BypassGovernanceRetention": True}),
]
FORBIDDEN_TO_THE_ARCHIVE = [
    (
        "put_object_lock_configuration",
        {"ObjectLockConfiguration": {"ObjectLockEnabled": "Enabled"}},
    ),
    ("put_bucket_versioning", {"VersioningConfiguration": {"Status": "Suspended"}}),
    ("put_bucket_policy", {"Policy": "{}"}),
    ("put_bucket_acl", {"ACL": "public-read-write"}),
    ("delete_bucket", {}),
    ("create_bucket", {}),
]


@pytest.fixture(scope="module")
def archive(engine: Engine) -> S3Vault:
    return S3Vault(engine.settings_for_archive())


@pytest.fixture(scope="module")
def root(engine: Engine) -> S3Vault:
    return S3Vault(engine.settings_for_root())


@pytest.fixture
def locked(archive: S3Vault, key_prefix: str) -> StoredVersion:
    until = SystemClock().now() + timedelta(hours=1)
    lock = Lock(mode=LockMode.COMPLIANCE, until=until)
    return archive.put(Bucket.ORIGINALS, f"{key_prefix}clip", CLIP, lock=lock)


def intact(vault: S3Vault, version: StoredVersion) -> bool:
    same = vault.find(version.bucket, version.key, version.version_id) == version
    return same and b"".join(vault.read(version.bucket, version.key, version.version_id)) == CLIP


def parameters_for(version: StoredVersion, wish: dict[str, object]) -> dict[str, object]:
    """boto3's parameters for one forbidden act on *version*."""
    assert version.lock is not None
    named = {"Key": version.key, "VersionId": version.version_id}
    rest = {name: value for name, value in wish.items() if name[0].isupper()}
    sooner = version.lock.until - timedelta(minutes=30)
    retentions = {
        "shorten": {"Mode": "COMPLIANCE", "RetainUntilDate": sooner},
        "weaken": {"Mode": "GOVERNANCE", "RetainUntilDate": version.lock.until},
        "clear": {},
    }
    for name, retention in retentions.items():
        if name in wish:
            rest["Retention"] = retention
    return {**named, **rest}


@pytest.mark.parametrize(("operation", "wish"), FORBIDDEN_TO_ALL)
def test_nobody_deletes_shortens_or_weakens_a_locked_version(
    archive: S3Vault, root: S3Vault, locked: StoredVersion, operation: str, wish: dict[str, object]
) -> None:
    parameters = parameters_for(locked, wish)

    as_archive = archive.attempt(operation, Bucket.ORIGINALS, **parameters)
    as_root = root.attempt(operation, Bucket.ORIGINALS, **parameters)

    assert (as_archive.refused, as_root.refused) == (True, True)
    assert intact(archive, locked)


def test_root_may_write_over_a_key_but_not_over_its_locked_version(
    archive: S3Vault, root: S3Vault, locked: StoredVersion
) -> None:
    overwritten = root.attempt("put_object", Bucket.ORIGINALS, Key=locked.key, Body=b"forged")
    hidden = root.attempt("delete_object", Bucket.ORIGINALS, Key=locked.key)

    assert (overwritten.refused, hidden.refused) == (False, False)
    assert intact(archive, locked)


def test_root_cannot_delete_many_versions_in_one_request(
    archive: S3Vault, root: S3Vault, locked: StoredVersion
) -> None:
    doomed = {"Objects": [{"Key": locked.key, "VersionId": locked.version_id}]}

    root.attempt("delete_objects", Bucket.ORIGINALS, Delete=doomed, BypassGovernanceRetention=True)

    assert intact(archive, locked)


@pytest.mark.parametrize(
    ("operation", "wish"),
    [
        ("delete_bucket", {}),
        ("put_bucket_versioning", {"VersioningConfiguration": {"Status": "Suspended"}}),
    ],
)
def test_root_cannot_undo_a_bucket_that_holds_evidence(
    archive: S3Vault, root: S3Vault, locked: StoredVersion, operation: str, wish: dict[str, object]
) -> None:
    answer = root.attempt(operation, Bucket.ORIGINALS, **wish)

    assert answer.refused
    assert intact(archive, locked)


@pytest.mark.parametrize(("operation", "wish"), FORBIDDEN_TO_THE_ARCHIVE)
def test_the_archive_cannot_change_its_buckets(
    archive: S3Vault, operation: str, wish: dict[str, object]
) -> None:
    assert archive.attempt(operation, Bucket.ORIGINALS, **wish).refused


def test_the_archive_cannot_make_a_bucket(engine: Engine) -> None:
    elsewhere = replace(engine.settings_for_archive(), buckets=buckets.names("nowhere"))

    answer = S3Vault(elsewhere).attempt("create_bucket", Bucket.RECORDS)

    assert (answer.status, answer.code) == (403, "AccessDenied")


def test_every_port_is_on_loopback_and_outside_the_ephemeral_range(engine: Engine) -> None:
    ports = listening_ports(engine.pid)

    assert {address for address, _ in ports} == {"127.0.0.1"}
    assert max(port for _, port in ports) < 32_768
    assert len(ports) == 10


@pytest.mark.parametrize("method", ["GET", "POST", "PUT", "DELETE"])
def test_no_port_gives_or_takes_data_over_http_without_a_credential(
    archive: S3Vault, locked: StoredVersion, engine: Engine, method: str
) -> None:
    bucket = archive.settings.buckets[Bucket.ORIGINALS]
    paths = [
        f"/{bucket}/{locked.key}",
        f"/buckets/{bucket}/{locked.key}",
        f"/buckets/{bucket}/{locked.key}.versions/v_{locked.version_id}",
        f"/col/delete?collection={bucket}",
        "/dir/assign",
        "/1,0123456789",
    ]

    granted = [
        (port, path, answer.status)
        for _, port in listening_ports(engine.pid)
        for path in paths
        if (answer := http_answer(port, method, path)) is not None and answer.status < 400
    ]

    assert granted == []
    assert intact(archive, locked)


def test_the_status_pages_that_stay_open_name_no_evidence(
    archive: S3Vault, locked: StoredVersion, engine: Engine
) -> None:
    settings = archive.settings

    shown = b"".join(
        answer.body
        for _, port in listening_ports(engine.pid)
        for path in ("/", "/healthz", "/metrics", "/ui/index.html", "/?Action=ListUsers")
        if (answer := http_answer(port, "GET", path)) is not None
    )

    assert b"SeaweedFS" in shown
    for secret in (locked.key, settings.access_key, settings.secret_key):
        assert secret.encode() not in shown


def http_answer(port: int, method: str, path: str) -> Answer | None:
    """What *port* answers; None if it does not speak HTTP/1 in clear."""
    request = SignedRequest(
        method=method,
        url=f"http://127.0.0.1:{port}{path}",
        headers={},
        expires=SystemClock().now(),
    )
    try:
        return send(request)
    except VaultUnreachable:
        return None


def test_the_engines_own_shell_does_nothing_without_its_certificate(
    archive: S3Vault, locked: StoredVersion, state: Path, tmp_path: Path
) -> None:
    bucket = archive.settings.buckets[Bucket.ORIGINALS]

    with_it = shell(state, state, "fs.ls /buckets")
    without = shell(state, tmp_path, f"fs.ls /buckets\nlock\nfs.rm -rf /buckets/{bucket}")

    assert bucket in with_it
    assert bucket not in without
    assert intact(archive, locked)


def shell(state: Path, folder: Path, commands: str) -> str:
    """What the engine's shell prints within 2 s, run in *folder*, whose security.toml it takes."""
    ports = json.loads((state / "ports.json").read_bytes())
    master, filer = f"127.0.0.1:{ports['master']}", f"127.0.0.1:{ports['filer']}"
    ran = subprocess.run(
        ["timeout", "2", find_program(), "shell", f"-master={master}", f"-filer={filer}"],
        input=f"{commands}\n".encode(),
        cwd=folder,
        env={"HOME": str(folder)},
        capture_output=True,
        check=False,
    )
    return ran.stdout.decode("utf-8", "replace")


@pytest.fixture
def state(engine: Engine) -> Path:
    return Path(os.readlink(f"/proc/{engine.pid}/cwd"))


def test_secrets_are_readable_by_their_owner_only(state: Path) -> None:
    modes = {
        name: stat.S_IMODE((state / name).stat().st_mode)
        for name in ("secrets.json", "identities.json", "security.toml", "engine.key")
    }

    assert set(modes.values()) == {0o600}
    assert stat.S_IMODE(state.stat().st_mode) == 0o700


def test_secrets_stand_neither_in_the_command_line_nor_in_a_printed_setting(
    engine: Engine,
) -> None:
    settings = engine.settings_for_archive()

    shown = Path(f"/proc/{engine.pid}/cmdline").read_text() + repr(settings)

    assert settings.secret_key not in shown
    assert engine.root_credentials().secret_key not in repr(engine.root_credentials())
