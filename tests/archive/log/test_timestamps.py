from __future__ import annotations

import asyncio
import subprocess
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from cryptography import x509

from archive.log.timestamps import Stamped, Timestamps, verify_token
from evidence.clock import SystemClock
from evidence.errors import LogBroken, SetupError, TemporaryError
from evidence.settings import TimestampsSettings
from tests.archive.log.authority import Authority, authority
from tests.archive.log.logs import flip_bit, grown


def opened(folder: Path, by: Authority, ca: Path | None = None) -> Timestamps:
    log = grown(folder / "log", [7])
    settings = TimestampsSettings(url=by.url, ca_file=str(ca or by.ca))
    return Timestamps.open(log, folder / "log", settings, SystemClock())


def roots(ca: Path) -> tuple[x509.Certificate, ...]:
    return tuple(x509.load_pem_x509_certificates(ca.read_bytes()))


def openssl_agrees(one: Stamped, ca: Path) -> None:
    command = ["openssl", "ts", "-verify", "-data", str(one.about), "-in", str(one.token)]
    subprocess.run([*command, "-CAfile", str(ca)], check=True, capture_output=True)


async def stamped(folder: Path, by: Authority) -> Stamped:
    stamps = opened(folder, by)
    return await stamps.stamp(stamps.log.checkpoint())


async def test_a_checkpoint_is_stamped_and_openssl_agrees(tmp_path: Path) -> None:
    async with authority(tmp_path / "tsa") as by:
        one = await stamped(tmp_path, by)
        again = opened(tmp_path, by)

        assert [each.token for each in again.all()] == [one.token]
        assert (one.size, one.about.read_bytes()) == (7, again.log.checkpoint())
        assert abs(one.at - datetime.now(UTC)) < timedelta(minutes=5)
        await asyncio.to_thread(openssl_agrees, one, by.ca)


async def test_a_stamp_of_other_bytes_or_of_another_authority_is_none(tmp_path: Path) -> None:
    async with authority(tmp_path / "tsa") as by, authority(tmp_path / "other") as other:
        one = await stamped(tmp_path, by)
        token, about = one.token.read_bytes(), one.about.read_bytes()

        assert verify_token(token, about, roots(by.ca)).replace(microsecond=0) == one.at.replace(
            microsecond=0
        )
        with pytest.raises(LogBroken, match="Mismatch"):
            verify_token(token, about + b"x", roots(by.ca))
        with pytest.raises(LogBroken):
            verify_token(token, about, roots(other.ca))
        with pytest.raises(LogBroken, match="Nonce"):
            verify_token(token, about, roots(by.ca), nonce=1)
        with pytest.raises(LogBroken):
            verify_token(token[:-1], about, roots(by.ca))


@pytest.mark.parametrize("place", range(60, 600, 45))
async def test_a_flipped_bit_is_never_believed(tmp_path: Path, place: int) -> None:
    async with authority(tmp_path / "tsa") as by:
        one = await stamped(tmp_path, by)
        flip_bit(one.token, place)

        try:
            at = verify_token(one.token.read_bytes(), one.about.read_bytes(), roots(by.ca))
        except LogBroken:
            return
        assert at == one.at, "a bit outside the signed part may differ, what it says may not"


async def test_an_answer_that_does_not_verify_is_not_kept(tmp_path: Path) -> None:
    async with authority(tmp_path / "tsa") as by, authority(tmp_path / "other") as other:
        stamps = opened(tmp_path, by, ca=other.ca)

        with pytest.raises(LogBroken):
            await stamps.stamp(stamps.log.checkpoint())

    assert stamps.all() == []


async def test_an_authority_that_embeds_its_ca_is_told_apart_from_a_false_one(
    tmp_path: Path,
) -> None:
    async with authority(tmp_path / "tsa", with_ca=True) as by:
        stamps = opened(tmp_path, by)

        with pytest.raises(LogBroken, match="InvalidSetOrdering"):
            await stamps.stamp(stamps.log.checkpoint())


async def test_an_authority_that_is_away_is_temporary(tmp_path: Path) -> None:
    async with authority(tmp_path / "tsa") as by:
        stamps = opened(tmp_path, by)
    with pytest.raises(TemporaryError):
        await stamps.stamp(stamps.log.checkpoint())


@pytest.mark.parametrize("ca", ["", "nowhere.pem"])
def test_an_authority_needs_a_certificate(tmp_path: Path, ca: str) -> None:
    settings = TimestampsSettings(url="http://127.0.0.1:1/", ca_file=ca)

    with pytest.raises(SetupError, match="ca_file"):
        Timestamps.open(grown(tmp_path, [7]), tmp_path, settings, SystemClock())
