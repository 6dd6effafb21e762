from __future__ import annotations

import re

import pytest

from archive.api.route import Route, Who
from archive.api.routes import ROUTES
from evidence.rights import Action, Allowed, Object, Role, Subject, decide
from tests.archive.house import Footage, House, Open
from tests.archive.places import unusable

PEOPLE = [route for route in ROUTES if route.who in {Who.PERSON, Who.EITHER, Who.LOG}]
CLOSED = [route for route in ROUTES if route.who is not Who.ANYONE]


STATION_GETS = {Who.EITHER: {404}, Who.LOG: {200}}
"""What a station that signed is answered where it is let in."""


def _path(route: Route, clip: str) -> str:
    found = route.path.replace("{clip}", clip).replace("{entry}", "0").replace("{hold}", "h-0")
    found = re.sub(r"\{path:.*}", "checkpoint", found)
    found = found.replace("{list}", "clips").replace("{document}", "f-" + "0" * 32)
    names = "proposal|draw|review|finding|incident|excuse|outage|marker"
    return re.sub(rf"\{{({names})}}", "p-0", found)


def _body(route: Route, clip: str) -> str:
    """What is sent, naming the *clip* where a message does."""
    if route.path.startswith("/v1/cases/clips"):
        return f'{{"number":"C-9","clip":"{clip}","reason":"seen"}}'
    return f'{{"clips":["{clip}"]}}' if route.path == "/v1/thumbnails" else "{}"


def _name(route: Route) -> str:
    return f"{route.method} {route.path}"


@pytest.mark.parametrize("role", list(Role))
async def test_every_route_follows_the_rights_of_every_role(door: Open, role: Role) -> None:
    clip = (await (await door.station()).archive(Footage(data=b"x", officer="0815"))).clip
    person = await door.person(role, "4711")
    headers = {"Authorization": f"Bearer {person.token}"}
    subject = Subject(id="u", role=role, officer="4711")
    wrong = []
    for route in sorted(PEOPLE, key=lambda route: route.method == "DELETE"):
        body = _body(route, clip)
        path = _path(route, clip)
        about = Object(officer="0815" if "clip}" in route.path or clip in body else None)
        answer = await door.send(route.method, path, body.encode(), headers)
        allowed = route.action is None or isinstance(decide(subject, route.action, about), Allowed)
        if (answer.status != 403) is not allowed:
            wrong.append((_name(route), answer.status))

    assert wrong == []


async def test_nobody_gets_past_the_door_unknown(door: Open) -> None:
    for route in CLOSED:
        path = _path(route, "c-" + "0" * 32)

        answer = await door.send(route.method, path, b"{}", {"Authorization": "Bearer x"})

        assert answer.status in {401, 403}, _name(route)


async def test_a_station_is_not_a_person_nor_a_person_a_station(door: Open) -> None:
    station, person = await door.station(), await door.person(Role.SUPERVISOR)
    token = {"Authorization": f"Bearer {person.token}"}
    for route in CLOSED:
        path = _path(route, "c-" + "0" * 32)
        signed = station.headers(route.method, path, b"{}")
        wrong = token if route.who is Who.STATION else signed

        answer = await door.send(route.method, path, b"{}", wrong)

        assert answer.status in STATION_GETS.get(route.who, {401, 403}), _name(route)


def test_every_route_about_a_clip_names_its_right() -> None:
    bare = [
        _name(route) for route in PEOPLE if route.action is None and route.path != "/v1/sessions"
    ]

    assert bare == []
    assert {route.action for route in PEOPLE} >= {Action.WATCH_CLIP, Action.SEE_CLIP}


async def test_a_refusal_that_cannot_be_recorded_is_to_be_tried_again(house: House) -> None:
    async with house.opened() as door:
        with unusable(house.parts.folder):
            answer = await door.send("GET", "/v1/journal/through", b"", {})

    assert (answer.status, answer.title) == (503, "TemporaryError")
