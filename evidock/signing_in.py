"""People who act at the command line of a running home.

One rule: whoever types signs in with a name and password of their own, as at the player, and has
the rights of that account; that the home is theirs gives nobody a second voice.
"""

from __future__ import annotations

import getpass
import sys
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager

from archive.people import LockedOut, SignedIn
from archive.service import Archive
from evidence.errors import Refused
from evidence.rights import Action, Denied, decide


@asynccontextmanager
async def signed_in(
    archive: Archive, request: Mapping[str, object], action: Action
) -> AsyncIterator[str]:
    """The id of the person who typed it, signed in for this act; Refused without the right."""
    people = archive.books.people
    told = await people.sign_in(str(request["name"]), str(request["password"]))
    if not isinstance(told, SignedIn):
        why = "too many tries under this name" if isinstance(told, LockedOut) else "wrong"
        raise Refused(f"name and password: {why}", advice="Nothing was done.")
    try:
        decision = decide(told.account.subject, action)
        if isinstance(decision, Denied):
            raise Refused(decision.reason, advice="Nothing was done.")
        yield told.account.id
    finally:
        await people.sign_out(told.token, told.account.id)


def password() -> str:
    """What the person types, or the first line of what is piped in."""
    if sys.stdin.isatty():
        return getpass.getpass("Password: ")
    return sys.stdin.readline().rstrip("\n")
