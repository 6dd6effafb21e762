"""Signing in."""

from __future__ import annotations

from evidence.wire.message import Message


class SignIn(Message, frozen=True, kw_only=True):
    """POST /v1/sessions."""

    name: str
    password: str


class PersonShown(Message, frozen=True, kw_only=True):
    """Who somebody is, for showing."""

    id: str
    name: str
    role: str
    officer: str | None = None


class Session(Message, frozen=True, kw_only=True):
    """*token* goes into ``Authorization: Bearer``; DELETE /v1/sessions ends it."""

    token: str
    person: PersonShown
    expires: str
