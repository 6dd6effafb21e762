from __future__ import annotations

import copy
import io
import json
import random
from contextlib import suppress

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from archive.api.openapi import document
from archive.api.route import Route, Who
from archive.api.routes import ROUTES
from archive.catalogue import feed_keys
from archive.catalogue.catalogue import Transaction
from evidence.errors import NotKnown
from evidence.names import shown
from evidence.rights import Role
from evidence.wire import Problem
from tests.archive.house import Footage, Open, Person, Station, derived_objects, rendition

TAKING = [route for route in ROUTES if route.takes is not None]
NASTY: list[object] = [
    None,
    "",
    "\x00",
    "x" * 5000,
    "c-" + "0" * 32,
    -1,
    0,
    2**63,
    2**70,
    1.5,
    [],
    {},
    "2026-11-23T07:30:00",
    "0001-01-01T00:00:00+23:59",
    "٣",
    "ff" * 32,
]


_DRAW: dict[str, object] = {
    "purpose": "p",
    "since": "2026-11-01T00:00:00.000Z",
    "until": "2026-11-23T07:30:00.000Z",
    "size": 2,
    "recheck": 10,
    "sheet": "scene",
    "seed": "public",
    "which": "lottery/1",
    "due": "2030-11-23T07:30:00.000Z",
}
_OUTAGE = {
    "what": "area",
    "name": "",
    "code": "power",
    "since": "2026-11-23T07:30:00.000Z",
    "until": "2026-11-23T08:30:00.000Z",
    "reason": "x",
}
_FINDING: dict[str, object] = {
    "code": "camera.lost",
    "about": "camera",
    "subject": "B",
    "owner": "o",
    "due": "2030-11-23T07:30:00.000Z",
    "what": "w",
}


def _samples() -> list[dict[str, object]]:
    offer = json.loads(msgspec.json.encode(Footage(data=b"x").offer))
    made = json.loads(msgspec.json.encode(rendition(derived_objects())))
    return [
        offer,
        made,
        {"acts": [{"number": 1, "raw": "{}", "signature": "00" * 64}]},
        {"upload": "u", "number": 1, "size": 1, "sha256": "00" * 32},
        {"upload": "u", "parts": [{"number": 1, "etag": "e", "sha256": "00" * 32}]},
        {"code": "x", "name": "y", "public_key": "00" * 32},
        {"name": "x", "password": "y"},
        {"clips": ["c-1"]},
        {"reason": "x"},
        {"number": "C-9", "reason": "x"},
        {"number": "C-9", "clip": "c-1", "reason": "x"},
        {"number": "C-9"},
        {"impact": "00" * 32, "reason": "x"},
        {"categories": ["detention"], "reason": "x"},
        {"challenge": "ab" * 16},
        {
            "version": "1",
            "free_bytes": 1,
            "docked": 1,
            "journal": 0,
            "problems": ["p"],
            "cameras": [
                {
                    "camera": "B",
                    "seen": "2026-11-23T07:30:00.000Z",
                    "profile": "p",
                    "battery": 7,
                    "firmware": "f",
                    "clock_offset_ms": -1,
                    "problems": ["p"],
                    "missing": ["m"],
                }
            ],
        },
        {
            "object": "media.mp4",
            "offset": 0,
            "length": 6,
            "received": 6,
            "expected": "00" * 32,
            "found": "11" * 32,
        },
        {"categories": ["detention"]},
        {"authority": "court", "reason": "appeal"},
        {"reason": "it ended"},
        {"reason": "an order", "authority": "court"},
        {"incident": "i-0", "code": "covert", "reason": "x"},
        _OUTAGE,
        _DRAW,
        {"value": "1.2.3.4"},
        {"answers": [{"point": "p", "verdict": "fail", "note": "n"}]},
        _FINDING,
        {"rows": [{"number": "E-1"}]},
        {"why": "other-event"},
        {
            "officer": "4711",
            "since": "2026-11-23T07:30:00.000Z",
            "until": "2026-11-24T07:30:00.000Z",
        },
        {"code": "weapon", "at_ms": 7, "note": "x"},
        {"text": "x"},
        {"text": "x", "due": "2030-11-23T07:30:00.000Z"},
    ]


def _spoilt(chance: random.Random, sample: dict[str, object]) -> bytes:
    """The message with one value in it made nasty."""
    message = copy.deepcopy(sample)
    place = message
    while True:
        name = chance.choice(list(place))
        inner = place[name]
        inner = inner[0] if isinstance(inner, list) and inner else inner
        if not isinstance(inner, dict) or chance.random() < 0.3:
            place[name] = chance.choice(NASTY)
            return json.dumps(message).encode()
        place = inner


def _key(tx: Transaction) -> str:
    """A new key of a feed, in the place of the one before."""
    with suppress(NotKnown):
        feed_keys.revoke(tx, "owner", "cad")
    return feed_keys.make(tx, "owner", "cad", "incidents")[1]


async def _status(route: Route, body: bytes, clip: str, station: Station, person: Person) -> int:
    path = route.path.replace("{clip}", clip).replace("{entry}", "0").replace("{hold}", "h-0")
    names = ("proposal", "draw", "review", "finding", "incident", "excuse", "outage", "marker")
    for name in names:
        path = path.replace(f"{{{name}}}", "p-0")
    headers = {"Authorization": f"Bearer {person.token}"}
    if route.who is Who.FEED:
        made = await person.door.archive.books.catalogue.run(_key)
        headers = {"Authorization": f"Bearer {made}", "Idempotency-Key": "1"}
    if route.who is Who.STATION:
        headers = station.headers(route.method, path, body)
    answer = await person.door.send(route.method, path, body, headers)
    if answer.status >= 400:
        msgspec.json.decode(answer.body, type=Problem)
    return answer.status


async def test_spoilt_messages_are_answered_and_never_break_the_archive(door: Open) -> None:
    chance = random.Random(1)
    station, person = await door.station(), await door.person(Role.REVIEWER)
    clip = (await station.archive(Footage(data=b"x"))).clip
    broken = []
    for route in TAKING:
        spoilt = [_spoilt(chance, message) for message in _samples_for(route) for _ in range(20)]
        bodies = [b"", b"[]", b"\xff", b'"\\ud800"', b"[" * 5000, *spoilt]
        answers = [await _status(route, body, clip, station, person) for body in bodies]
        broken += [
            (route.path, body)
            for body, status in zip(bodies, answers, strict=True)
            if status >= 500
        ]

    assert broken == []


def _samples_for(route: Route) -> list[dict[str, object]]:
    """The samples that are this route's message; each is some route's."""
    fitting = []
    for sample in _samples():
        with suppress(msgspec.ValidationError):
            msgspec.convert(sample, route.takes)
            fitting.append(sample)
    assert fitting, route.path
    return fitting


async def test_a_request_that_is_too_large_is_refused(door: Open) -> None:
    answer = await door.send("POST", "/v1/sessions", io.BytesIO(b" " * (5 * 1024**2)), {})

    assert answer.status == 413
    assert msgspec.json.decode(answer.body, type=Problem).status == 413


@settings(max_examples=20, deadline=None)
@given(st.text(max_size=40))
def test_names_are_shown_without_anything_that_could_deceive(name: str) -> None:
    assert shown(name.encode("utf-8", "surrogatepass")).isprintable()


async def test_the_description_is_served_and_complete(door: Open) -> None:
    answer = await door.send("GET", "/v1/openapi.json", b"", {})

    described = json.loads(answer.body)
    assert answer.body == document(ROUTES)
    assert described["openapi"].startswith("3.1")
    operations = [one for path in described["paths"].values() for one in path.values()]
    assert len(operations) == len(ROUTES)
    assert len({one["operationId"] for one in operations}) == len(ROUTES)
    assert all(one["summary"] for one in operations)
    references = set(_references(described))
    assert references <= set(described["components"]["schemas"])


def _references(node: object) -> list[str]:
    if isinstance(node, list):
        return [found for each in node for found in _references(each)]
    if not isinstance(node, dict):
        return []
    own = [node["$ref"].rpartition("/")[2]] if "$ref" in node else []
    return own + [found for each in node.values() for found in _references(each)]


@pytest.mark.parametrize("path", ["/v1/clips?q=%00", "/v1/clips/c-%00", "/v1/clips?officer=%00"])
async def test_the_character_nul_is_a_bad_request_in_every_database(door: Open, path: str) -> None:
    person = await door.person(Role.REVIEWER)

    assert (await person.get(path)).status == 400
    named = await door.send("POST", "/v1/sessions", b'{"name":"\\u0000","password":"x"}', {})
    assert named.status == 400
    other = await door.send("POST", "/v1/sessions", rb'{"name":"\\u0000","password":"x"}', {})
    assert other.status == 401
