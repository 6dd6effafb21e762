"""People: accounts, open sign-ins, failed ones.  Every coming and going is an entry."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta

from sqlalchemy import delete, func, select

from archive.catalogue.catalogue import Transaction
from archive.catalogue.clips import ARCHIVE
from archive.catalogue.tables import PersonRow
from archive.catalogue.working_tables import FailedSignInRow, SessionRow
from evidence.clip import new_id
from evidence.clock import stamp, unstamp
from evidence.commitment import Opening
from evidence.custody import EntryKind
from evidence.digest import Sha256
from evidence.names import folded
from evidence.rights import Role, Subject

NO_PASSWORD = ""
"""In place of a password's hash: a rebuilt account, with which nobody can sign in."""
NOBODY = "nobody"
"""Who acts when nobody is signed in."""

#: A session's last use is written at most this often; it may end this much early.
USE_STEP = timedelta(seconds=20)


@dataclass(frozen=True, slots=True, kw_only=True)
class Account:
    """A person with an account."""

    id: str
    name: str
    role: Role
    officer: str | None
    password_hash: str

    @property
    def subject(self) -> Subject:
        return Subject(id=self.id, role=self.role, officer=self.officer)


def create(tx: Transaction, name: str, password_hash: str, role: Role, officer: str | None) -> str:
    """The id of the person called *name*, made with these facts unless there is one already."""
    known = account(tx, name)
    if known is not None:
        return known.id
    person = new_id("u")
    of_name = Opening.fresh(name)
    of_officer = None if officer is None else Opening.fresh(officer)
    commitments = {"name": of_name.commitment.hex}
    if of_officer is not None:
        commitments["officer"] = of_officer.commitment.hex
    entry = tx.record(
        EntryKind.PERSON_CREATED, ARCHIVE, person=person, role=role.value, commitments=commitments
    )
    tx.session.add(
        PersonRow(
            id=person,
            name=name,
            name_key=folded(name),
            name_salt=of_name.salt,
            officer=officer,
            officer_salt=None if of_officer is None else of_officer.salt,
            role=role.value,
            password_hash=password_hash,
            by_entry=entry,
        )
    )
    return person


def give_password(tx: Transaction, person: str, password_hash: str) -> None:
    """Let *person*, whose account was rebuilt without one, have a password."""
    tx.record(EntryKind.ACCOUNT_REVIVED, ARCHIVE, person=person)
    tx.session.get_one(PersonRow, person).password_hash = password_hash


def account(tx: Transaction, name: str) -> Account | None:
    """The account under *name*, in whatever case."""
    row = tx.session.scalar(select(PersonRow).where(PersonRow.name_key == folded(name)))
    return None if row is None else _account(row)


def failures(tx: Transaction, name: str, window: timedelta) -> int:
    """How often a sign-in under *name* failed within the last *window*."""
    since = stamp(tx.clock.now() - window)
    tx.session.execute(delete(FailedSignInRow).where(FailedSignInRow.at <= since))
    counted = select(func.count()).where(FailedSignInRow.name_key == _key(name))
    return tx.session.scalar(counted) or 0


def fail(tx: Transaction, name: str, person: str | None) -> None:
    """Record a failed sign-in under *name*, which is *person*'s if it is anybody's."""
    tx.session.add(FailedSignInRow(name_key=_key(name), at=stamp(tx.clock.now())))
    tx.record(EntryKind.SIGN_IN_FAILED, NOBODY, person=person)


def open_session(tx: Transaction, person: str, token: Sha256) -> None:
    """Let whoever shows the token behind the digest act as *person*."""
    now = stamp(tx.clock.now())
    tx.record(EntryKind.SIGNED_IN, person)
    tx.session.add(SessionRow(token_sha256=token.hex, person=person, opened=now, used=now))


def session(tx: Transaction, token: Sha256, idle: timedelta, longest: timedelta) -> Account | None:
    """Whose session the token opens; None if there is none, or it was idle or open too long.

    A clock that was set back counts like one that went on: it must not keep a session open.
    """
    row = tx.session.get(SessionRow, token.hex)
    if row is None:
        return None
    now = tx.clock.now()
    if abs(now - unstamp(row.used)) >= idle or abs(now - unstamp(row.opened)) >= longest:
        tx.session.delete(row)
        return None
    if now - unstamp(row.used) >= USE_STEP:
        row.used = stamp(now)
    return _account(tx.session.get_one(PersonRow, row.person))


def close_session(tx: Transaction, token: Sha256, person: str) -> None:
    """End the session that the token opens."""
    row = tx.session.get(SessionRow, token.hex)
    if row is not None:
        tx.session.delete(row)
        tx.record(EntryKind.SIGNED_OUT, person)


def _key(name: str) -> str:
    """A failed name as it is counted: typed into the wrong field, it may be a password."""
    return Sha256.of(folded(name).encode("utf-8", "surrogatepass")).hex


def _account(row: PersonRow) -> Account:
    return Account(
        id=row.id,
        name=row.name,
        role=Role(row.role),
        officer=row.officer,
        password_hash=row.password_hash,
    )
