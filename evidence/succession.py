"""A log's key follows another one: a statement that both of them signed.

One rule: whoever trusts a key trusts the next one only for what the trusted key itself signed; a
key that lies anywhere is believed by nobody.
"""

from __future__ import annotations

from collections.abc import Sequence

from evidence.errors import LogBroken
from evidence.note import Signer, VerifierKey, open_note, sign_note

FORMAT = "evidock-log-succession/v1"


def write(old: Signer, new: Signer) -> bytes:
    """The statement that *new* follows *old*, a signed note of both; they carry one name.

    ValueError if they do not, or are one key.
    """
    if old.key.name != new.key.name or old.key == new.key:
        raise ValueError(f"{new.key} cannot follow {old.key}")
    return sign_note(f"{FORMAT}\n{old.key.name}\n{old.key}\n{new.key}\n", old, new)


def follow(statements: Sequence[bytes], trusted: VerifierKey) -> VerifierKey:
    """The key that *trusted* leads to over *statements*, which are in order; itself if none is its.

    LogBroken if one that *trusted*, or a key it led to, signed does not hold.
    """
    for statement in statements:
        if f"\n{trusted}\n".encode("ascii") not in statement.partition(b"\n\n")[0] + b"\n":
            continue
        new = _next(statement, trusted)
        trusted = trusted if new is None else new
    return trusted


def before(statements: Sequence[bytes], trusted: VerifierKey) -> tuple[VerifierKey, ...]:
    """The keys that *trusted* followed over *statements*, which are in order; the newest first.

    What they signed in their time was signed by the log.  LogBroken as :func:`follow`.
    """
    found: list[VerifierKey] = []
    for statement in reversed(statements):
        text, _ = open_note(statement, [trusted])
        old, new = _named(text, trusted)
        if new == str(trusted):
            trusted = _key(old)
            open_note(statement, [trusted])
            found.append(trusted)
    return tuple(found)


def _next(statement: bytes, trusted: VerifierKey) -> VerifierKey | None:
    """The key that follows; None if the statement only says how *trusted* came to be."""
    text, _ = open_note(statement, [trusted])
    old, new = _named(text, trusted)
    if old != str(trusted):
        return None
    key = _key(new)
    if key.name != trusted.name or key == trusted:
        raise LogBroken(f"{key} cannot follow {trusted}")
    open_note(statement, [key])
    return key


def _named(text: str, trusted: VerifierKey) -> tuple[str, str]:
    """The old and the new key as a statement about the log of *trusted* writes them."""
    match text.split("\n"):
        case [form, name, old, new, ""] if form == FORMAT and name == trusted.name:
            return old, new
        case _:
            raise LogBroken("a statement of succession has five lines, and this one has not")


def _key(text: str) -> VerifierKey:
    try:
        return VerifierKey.parse(text)
    except ValueError as error:
        raise LogBroken(f"the statement of succession names no key: {error}") from error
