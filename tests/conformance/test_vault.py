from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, datetime

import pytest

from evidence.clock import SetClock, SystemClock
from evidence.vault import SignedRequest
from evidence.vault.embedded import Engine
from evidence.vault.encryption import Asked
from evidence.vault.holder import Answer, send
from evidence.vault.memory import MemoryVault
from evidence.vault.s3 import S3Vault
from tests.conformance.legal_holds import LegalHoldConformance
from tests.conformance.vault import Rig, SignedRequestConformance, VaultConformance

SMALL_PAGE = 3


@pytest.fixture(scope="session")
def lab(engine: Engine) -> S3Vault:
    return S3Vault(engine.settings_for_archive(), page=SMALL_PAGE)


@pytest.fixture
def embedded(lab: S3Vault, key_prefix: str) -> Rig:
    return Rig(vault=lab, clock=SystemClock(), send=send, prefix=key_prefix)


@pytest.fixture
def memory(key_prefix: str) -> Rig:
    clock = SetClock(datetime(2026, 11, 23, 12, tzinfo=UTC))
    vault = MemoryVault(clock)

    def hand_over(
        request: SignedRequest, body: bytes = b"", *, headers: Mapping[str, str] | None = None
    ) -> Answer:
        put = request.method == "PUT"
        return vault.accept(request, body) if put else vault.answer(request, headers)

    return Rig(vault=vault, clock=clock, send=hand_over, prefix=key_prefix)


class TestEmbeddedEngine(VaultConformance, SignedRequestConformance, LegalHoldConformance):
    @pytest.fixture
    def rig(self, embedded: Rig) -> Rig:
        return embedded


class TestEncryptingEngine(VaultConformance, SignedRequestConformance, LegalHoldConformance):
    """The same engine, asked to encrypt each object: nothing of the contract is lost by it."""

    @pytest.fixture
    def rig(self, engine: Engine, key_prefix: str) -> Rig:
        settings = replace(engine.settings_for_archive(), encryption=Asked(algorithm="AES256"))
        vault = S3Vault(settings, page=SMALL_PAGE)
        return Rig(vault=vault, clock=SystemClock(), send=send, prefix=key_prefix)


class TestMemoryVault(VaultConformance, SignedRequestConformance, LegalHoldConformance):
    @pytest.fixture
    def rig(self, memory: Rig) -> Rig:
        return memory
