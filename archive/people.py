"""People at the archive's door: passwords, lockout, sessions.

Passwords are kept as Argon2id, tokens as digests.  Five failures under one name within 15 minutes
close that name for the rest of them (CJIS AC-7), whether or not anybody has it: nobody learns who
has an account here.
"""

from __future__ import annotations

import asyncio
import secrets
from dataclasses import dataclass
from datetime import datetime, timedelta
from weakref import WeakValueDictionary

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

from archive.catalogue import people
from archive.catalogue.catalogue import Catalogue
from archive.catalogue.people import Account
from evidence.clock import Clock
from evidence.digest import Sha256
from evidence.errors import Refused
from evidence.names import folded
from evidence.rights import Role

ATTEMPTS = 5
LOCKOUT = timedelta(minutes=15)
LONGEST_SESSION = timedelta(hours=12)
_TOKEN_BYTES = 32
_LONGEST_PASSWORD = 1024


@dataclass(frozen=True, slots=True, kw_only=True)
class SignedIn:
    """The name and password are right."""

    token: str
    account: Account
    expires: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class WrongPassword:
    """Name and password do not belong together; which of them is wrong is not told."""


@dataclass(frozen=True, slots=True, kw_only=True)
class LockedOut:
    """Too many failures under this name; nothing was tried."""

    wait: timedelta


SignInAnswer = SignedIn | WrongPassword | LockedOut


class People:
    """Accounts and sessions.  *hasher* decides what a password costs (RFC 9106 by default)."""

    def __init__(
        self,
        catalogue: Catalogue,
        clock: Clock,
        *,
        idle: timedelta,
        hasher: PasswordHasher | None = None,
    ) -> None:
        self._catalogue = catalogue
        self._clock = clock
        self._idle = idle
        self._hasher = hasher or PasswordHasher()
        self._nobody = self._hasher.hash(secrets.token_hex(_TOKEN_BYTES))
        self._trying: WeakValueDictionary[str, asyncio.Lock] = WeakValueDictionary()
        self._hashing = asyncio.Semaphore(2)  # each hash takes 64 MiB and a core

    async def create(self, name: str, password: str, role: Role, officer: str | None) -> str:
        """The id of a new person called *name*; Refused if somebody is called so already.

        An account that was rebuilt from the log, and has no password, gets this one.
        """
        known = await self._catalogue.run(people.account, name)
        rebuilt = known is not None and known.password_hash == people.NO_PASSWORD
        if known is not None and not (rebuilt and (known.role, known.officer) == (role, officer)):
            raise Refused(
                f"there is an account called {name!r} already; it is left as it is",
                advice="Choose another name; one that was rebuilt has no password yet, and gets one"
                " if you name its own role and officer number.",
            )
        async with self._hashing:
            hashed = await asyncio.to_thread(self._hasher.hash, password)
        if known is not None:
            await self._catalogue.run(people.give_password, known.id, hashed)
            return known.id
        return await self._catalogue.run(people.create, name, hashed, role, officer)

    async def id_of(self, name: str) -> str | None:
        """The id of the person called *name*, in whatever case; None if nobody is."""
        known = await self._catalogue.run(people.account, name)
        return None if known is None else known.id

    async def sign_in(self, name: str, password: str) -> SignInAnswer:
        """Open a session for whoever knows the password of *name*."""
        # One try at a time under a name, or many at once would all be made before the first counts.
        async with self._trying.setdefault(folded(name), asyncio.Lock()):
            if await self._catalogue.run(people.failures, name, LOCKOUT) >= ATTEMPTS:
                return LockedOut(wait=LOCKOUT)
            account = await self._catalogue.run(people.account, name)
            hashed = self._nobody if account is None else account.password_hash or self._nobody
            async with self._hashing:
                right = await asyncio.to_thread(self._right, hashed, password)
            if account is None or not right:
                await self._catalogue.run(people.fail, name, account.id if account else None)
                return WrongPassword()
        token = secrets.token_urlsafe(_TOKEN_BYTES)
        await self._catalogue.run(people.open_session, account.id, _digest(token))
        return SignedIn(token=token, account=account, expires=self._clock.now() + self._idle)

    async def of_token(self, token: str) -> Account | None:
        """Whose session *token* opens; None if none."""
        return await self._catalogue.run(
            people.session, _digest(token), self._idle, LONGEST_SESSION
        )

    async def sign_out(self, token: str, person: str) -> None:
        """End the session of *token*."""
        await self._catalogue.run(people.close_session, _digest(token), person)

    def _right(self, hashed: str, password: str) -> bool:
        if len(password) > _LONGEST_PASSWORD:
            return False
        try:
            return self._hasher.verify(hashed, password.encode("utf-8", "surrogatepass"))
        except (VerificationError, InvalidHashError):
            return False


def _digest(token: str) -> Sha256:
    return Sha256.of(token.encode("utf-8", "surrogatepass"))
