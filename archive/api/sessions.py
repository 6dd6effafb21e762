"""Sessions: signing in and out."""

from __future__ import annotations

from typing import assert_never

from aiohttp import web

from archive.api.desk import CALLER, DESK, message_of, person_of
from archive.catalogue.people import Account
from archive.people import LockedOut, SignedIn, WrongPassword
from evidence.clock import stamp
from evidence.wire import PersonShown, Session, SignIn


async def sign_in(request: web.Request) -> Session:
    """Open a session for whoever knows the password."""
    asked = await message_of(request, SignIn)
    answer = await request.app[DESK].people.sign_in(asked.name, asked.password)
    match answer:
        case SignedIn(token=token, account=account, expires=expires):
            return Session(token=token, person=_shown(account), expires=stamp(expires))
        case WrongPassword():
            raise web.HTTPUnauthorized(text="name and password do not belong together")
        case LockedOut(wait=wait):
            raise web.HTTPTooManyRequests(
                text="too many failed sign-ins under this name; try again later",
                headers={"Retry-After": str(int(wait.total_seconds()))},
            )
        case _:
            assert_never(answer)


async def who_am_i(request: web.Request) -> PersonShown:
    """Whose session this is."""
    return _shown(person_of(request))


async def sign_out(request: web.Request) -> PersonShown:
    """End this session."""
    person = person_of(request)
    await request.app[DESK].people.sign_out(request[CALLER].token, person.id)
    return _shown(person)


def _shown(account: Account) -> PersonShown:
    return PersonShown(
        id=account.id, name=account.name, role=account.role.value, officer=account.officer
    )
