from __future__ import annotations

import time
from dataclasses import replace
from datetime import timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread

import pytest

from evidence.clock import SetClock, SystemClock
from evidence.errors import VaultUnfit, VaultUnreachable
from evidence.vault import Bucket
from evidence.vault.embedded import Engine, buckets
from evidence.vault.embedded.hardening import ARCHIVE_RIGHTS
from evidence.vault.probe import CANARIES, Check, prove
from evidence.vault.s3 import S3Vault


@pytest.fixture
def root_vault(engine: Engine, agency_vault: S3Vault) -> S3Vault:
    """Root's view of the fresh agency's buckets."""
    names = agency_vault.settings.buckets
    return S3Vault(replace(engine.settings_for_root(), buckets=names))


def test_the_embedded_engine_proves_every_check(agency_vault: S3Vault, root_vault: S3Vault) -> None:
    report = prove(agency_vault, root_vault, SystemClock())

    assert set(report.proven) == set(Check)
    assert report.tried_as_root
    assert report.canary.key.startswith(CANARIES)


def test_without_root_credentials_the_report_says_so(agency_vault: S3Vault) -> None:
    assert not prove(agency_vault, None, SystemClock()).tried_as_root


def test_a_bucket_without_object_lock_is_refused_by_name_of_the_check(
    engine: Engine, agency_vault: S3Vault
) -> None:
    names = {**agency_vault.settings.buckets}
    names[Bucket.ORIGINALS] = names[Bucket.DERIVED]
    unlocked = S3Vault(replace(engine.settings_for_archive(), buckets=names))

    with pytest.raises(VaultUnfit, match=Check.LOCK_AND_DIGEST_KEPT):
        prove(unlocked, None, SystemClock())


def test_a_clock_two_minutes_off_is_refused(agency_vault: S3Vault) -> None:
    slow = SetClock(SystemClock().now() - timedelta(minutes=2))

    with pytest.raises(VaultUnfit, match=Check.CLOCK_AGREES):
        prove(agency_vault, None, slow)


class Timeless(BaseHTTPRequestHandler):
    """A store that refuses everything and knows no calendar."""

    def do_GET(self) -> None:
        self.send_response(403)
        self.send_header("Content-Length", "0")
        self.end_headers()

    def date_time_string(self, timestamp: float | None = None) -> str:
        return f"the day after {timestamp}"

    def log_message(self, *_: object) -> None:
        """Say nothing."""


def test_a_store_whose_date_is_no_date_is_refused(engine: Engine) -> None:
    with ThreadingHTTPServer(("127.0.0.1", 0), Timeless) as server:
        Thread(target=server.serve_forever, args=(0.01,), daemon=True).start()
        endpoint = f"http://127.0.0.1:{server.server_port}"
        timeless = S3Vault(replace(engine.settings_for_archive(), endpoint=endpoint))

        with pytest.raises(VaultUnfit, match=Check.CLOCK_AGREES):
            prove(timeless, None, SystemClock())

        server.shutdown()


def test_a_store_that_does_not_answer_is_unreachable_not_unfit(engine: Engine) -> None:
    nowhere = replace(engine.settings_for_archive(), endpoint="http://127.0.0.1:9")

    with pytest.raises(VaultUnreachable):
        prove(S3Vault(nowhere), None, SystemClock())


def test_canaries_whose_lock_has_ended_are_removed(agency_vault: S3Vault) -> None:
    hour_ago = int(time.time()) - 3600
    old = agency_vault.put(Bucket.ORIGINALS, f"{CANARIES}{hour_ago}-aa", b"old canary")
    agency_vault.set_legal_hold(old.bucket, old.key, old.version_id, on=True)  # of one cut off
    clip = agency_vault.put(Bucket.ORIGINALS, f"{hour_ago}-aa", b"no canary")

    report = prove(agency_vault, None, SystemClock())

    left = {version.version_id for version in agency_vault.versions(Bucket.ORIGINALS)}
    assert old.version_id not in left
    assert left == {clip.version_id, report.canary.version_id}


def test_a_bucket_made_without_object_lock_is_not_taken_for_evidence(
    root_vault: S3Vault, agency_vault: S3Vault
) -> None:
    names = {**agency_vault.settings.buckets}
    names[Bucket.ORIGINALS] = names[Bucket.DERIVED]

    with pytest.raises(VaultUnfit, match="without Object Lock"):
        buckets.prepare(S3Vault(replace(root_vault.settings, buckets=names)))


def test_the_operators_page_names_every_check_and_every_right() -> None:
    page = (Path(__file__).parents[3] / "docs" / "vault.md").read_text(encoding="utf-8")

    missing = [check for check in Check if f"| `{check.value}` |" not in page]

    assert missing == []
    assert [right for right in ARCHIVE_RIGHTS if f"| {right} |" not in page] == []
