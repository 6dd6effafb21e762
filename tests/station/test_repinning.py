"""A station follows the log's key for what the key it trusts signed, and for nothing else."""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path

import msgspec
import pytest
from aiohttp import web
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from evidence import succession
from evidence.clock import SystemClock
from evidence.custody import Entry, EntryKind
from evidence.digest import Sha256
from evidence.note import FileSigner, sign_note
from evidence.wire import StationEnrolled, Successions
from ingest.archive_client import ArchiveClient, StationKey
from station.desk import Desk
from station.enrol import pinned_log_key
from station.journal.journal import Journal
from station.repinning import follow_log_key
from tests.ingest.serving import serving

NAME = "evidock.example/lab"
A, B, EVIL = (
    FileSigner(NAME, Ed25519PrivateKey.from_private_bytes(bytes([n]) * 32)) for n in range(3)
)
FORGED = sign_note(f"{succession.FORMAT}\n{NAME}\n{A.key}\n{EVIL.key}\n", A)
SPOILED = sign_note(f"{succession.FORMAT}\n{NAME}\n{EVIL.key}\nno key\n", EVIL)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A station that trusts A."""
    enrolled = StationEnrolled(station="s-1", agency="lab", log_key=str(A.key))
    (tmp_path / "enrolled.json").write_bytes(msgspec.json.encode(enrolled))
    return tmp_path


async def started(
    folder: Path, answer: web.Response, told_people: list[str | None] | None = None
) -> list[Entry]:
    """The station starts, and the archive answers so; what its journal holds."""

    async def told(_request: web.Request) -> web.Response:
        return answer

    app = web.Application()
    app.router.add_get("/v1/log/successions", told)
    key = StationKey(station="s-1", private=Ed25519PrivateKey.from_private_bytes(b"s" * 32))
    journal = Journal.open(folder / "journal.sqlite", key, SystemClock())
    async with (
        serving(app) as url,
        ArchiveClient(url, SystemClock(), key) as archive,
        Desk(journal) as desk,
    ):
        why = await follow_log_key(folder, archive, desk)
        acts = await desk.ask(lambda held: held.acts_after(0, 10))
    if told_people is not None:
        told_people.append(why)
    return [Entry(act.raw.encode()) for act in acts]


def statements(*held: bytes) -> web.Response:
    told = Successions(statements=[each.decode() for each in held])
    return web.Response(body=msgspec.json.encode(told), content_type="application/json")


async def test_it_follows_once_and_says_so_first(folder: Path) -> None:
    acts = await started(folder, statements(succession.write(A, B)))
    again = await started(folder, statements(succession.write(A, B)))

    assert pinned_log_key(folder) == B.key
    (act,) = acts
    assert act.kind is EntryKind.LOG_PINNED
    digests = [Sha256.of(str(each.key).encode()).hex for each in (A, B)]
    assert [act.fields["old_key"], act.fields["new_key"]] == digests
    assert again == acts


@pytest.mark.parametrize(
    "held", [(), (succession.write(EVIL, B),), (succession.write(B, EVIL),)], ids=str
)
async def test_it_stays_where_the_trusted_key_leads_nowhere(
    folder: Path, held: Sequence[bytes]
) -> None:
    assert await started(folder, statements(*held)) == []
    assert pinned_log_key(folder) == A.key


async def test_a_statement_that_does_not_hold_is_told_and_moves_nothing(folder: Path) -> None:
    good, told = succession.write(A, B), list[str | None]()

    for held in ((FORGED,), (FORGED, good), (good, succession.write(B, EVIL), SPOILED)):
        assert await started(folder, statements(*held), told) == []
        assert pinned_log_key(folder) == A.key
        why = told.pop()
        assert why is not None
        assert "the log's key was not followed" in why

    assert len(await started(folder, statements(good), told)) == 1
    assert told == [None]


@pytest.mark.parametrize("status", [200, 404, 500])
async def test_an_archive_that_does_not_tell_holds_nothing_up(folder: Path, status: int) -> None:
    answer = web.Response(status=status, body=json.dumps({"other": []}).encode())

    assert await started(folder, answer) == []
    assert pinned_log_key(folder) == A.key
