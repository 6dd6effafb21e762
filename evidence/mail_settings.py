"""Typed settings of what a home sends out of itself: mails, and notices by webhook.

They are sections of :mod:`evidence.settings`, which reads them.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated, Literal

from msgspec import Meta

Port = Annotated[int, Meta(ge=0, le=65_535)]
Box = Annotated[str, Meta(pattern=r"^[A-Za-z0-9._%+=-]{1,64}@[A-Za-z0-9.-]{1,255}\Z")]
"""A mailbox: one plain address."""


@dataclass(frozen=True, slots=True, kw_only=True)
class MailSettings:
    """[mail]: a mail server, and boxes that receipts of dockings go to (docs/receipts.md)."""

    to: tuple[Box, ...] = ()
    """Boxes that the agency does not run: the prosecutor's, the union's.  Empty: no receipts."""
    sender: Box | Literal[""] = ""
    """Address that the mails are from."""
    host: str = ""
    """The mail server (SMTP) that takes them."""
    port: Port = 587
    """Its port: 587 for ``starttls``, 465 for ``tls``."""
    tls: Literal["starttls", "tls", "none"] = "starttls"
    """``starttls``, ``tls``, or ``none``, which only a server on this machine may be."""
    ca_file: str = ""
    """Certificate authority (PEM) of the server, if it is not a public one."""
    user: Annotated[str, Meta(pattern=r"^[!-~]{0,320}\Z")] = ""
    """Whom to log in as; empty: nobody."""
    password_file: str = ""
    """File that holds the password; readable by its owner only."""
    patience_seconds: Annotated[float, Meta(gt=0)] = 30.0
    """How long the server may take for an answer."""


@dataclass(frozen=True, slots=True, kw_only=True)
class NoticesSettings:
    """[notices]: who is told, ahead of it, that a clip's time ends (docs/disposal.md)."""

    to: tuple[Box, ...] = ()
    """Boxes that are told by mail, through the server of ``[mail]``.  Empty: none."""
    webhook: str = ""
    """Address that is told by a POST of JSON: ``https``, or on this machine.  Empty: none."""
    ca_file: str = ""
    """Certificate authority (PEM) of that address, if it is not a public one."""
    patience_seconds: Annotated[float, Meta(gt=0, le=120)] = 10.0
    """How long it may take to answer."""
