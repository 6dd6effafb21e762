from __future__ import annotations

from datetime import UTC, datetime, timedelta

from evidence.clock import SetClock
from evidence.wire import WireRequest
from player import grants
from player.grants import Expired, Grant, Grants, Unknown

NOW = datetime(2026, 11, 23, 8, 0, tzinfo=UTC)
OBJECTS = {"media.mp4": WireRequest(method="GET", url="http://vault/x", headers={}, expires="")}


def given(clock: SetClock) -> tuple[Grants, Grant]:
    """Grants with one for the session ``token``, good for a minute."""
    held = Grants(clock=clock)
    return held, held.give(token="token", objects=OBJECTS, expires=NOW + timedelta(minutes=1))


def test_a_grant_is_found_by_the_session_it_was_given_to() -> None:
    held, grant = given(SetClock(NOW))

    assert held.find(grant.id, token="token") == grant


def test_a_grant_does_not_exist_for_anybody_else() -> None:
    held, grant = given(SetClock(NOW))

    assert held.find(grant.id, token="another") == Unknown()
    assert held.find(grant.id, token=None) == Unknown()
    assert held.find("g-0", token="token") == Unknown()


def test_a_grant_is_over_at_its_time() -> None:
    clock = SetClock(NOW)
    held, grant = given(clock)

    clock.advance(60)

    assert held.find(grant.id, token="token") == Expired(grant)


def test_a_session_that_ends_takes_its_grants_along() -> None:
    held, grant = given(SetClock(NOW))

    held.forget(token="token")

    assert held.find(grant.id, token="token") == Unknown()


def test_the_oldest_grants_make_room() -> None:
    held, first = given(SetClock(NOW))

    later = [
        held.give(token="token", objects=OBJECTS, expires=first.expires) for _ in range(grants.MOST)
    ]

    assert held.find(first.id, token="token") == Unknown()
    assert held.find(later[0].id, token="token") == later[0]
