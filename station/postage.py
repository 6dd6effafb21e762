"""How a mail leaves: the settings, made sure of, and one conversation with the mail server (SMTP).

One rule: nothing is sent in the clear but to this very machine, and a server that is not who its
certificate says is told nothing, not even who we are.
"""

from __future__ import annotations

import smtplib
import ssl
from collections.abc import Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass
from email.message import EmailMessage
from ipaddress import ip_address
from pathlib import Path

from evidence.errors import MailNotSent, SetupError
from evidence.mail_settings import MailSettings
from evidence.secret import read_secret


@dataclass(frozen=True, slots=True, kw_only=True)
class Postage:
    """Settings that can be mailed with.  Make it with :meth:`of`."""

    settings: MailSettings
    tls: ssl.SSLContext | None
    """None: in the clear, to this machine."""

    @classmethod
    def of(cls, settings: MailSettings, others: Sequence[str] = ()) -> Postage | None:
        """None if nobody is to be mailed to; SetupError if it cannot be done as they say.

        *others* are boxes that something else is mailed to through the same server: then it may be
        set up without any for receipts.
        """
        if not settings.to and (others or not settings.host):
            return None
        for key in ("host", "to", "sender"):
            if not getattr(settings, key):
                raise SetupError(f"[mail] lacks {key}", advice="It wants host, sender and to.")
        if settings.user and not settings.password_file:
            raise SetupError("[mail] has a user and no password_file")
        if settings.user:
            _password(settings)
        if settings.tls == "none":
            if not _is_loopback(settings.host):
                raise SetupError(
                    f"[mail] tls = none would send in the clear to {settings.host}",
                    advice="Only a server on this machine (127.0.0.1) may be spoken to so.",
                )
            return cls(settings=settings, tls=None)
        return cls(settings=settings, tls=_context(settings.ca_file))

    def send(self, message: EmailMessage, box: str) -> None:
        """Hand *message* for *box* to the server; when this returns, it has taken it.  Blocks.

        MailNotSent says what kept it from that; it may have taken it all the same.
        """
        try:
            with self._connected() as link:
                if self.settings.tls == "starttls":
                    link.starttls(context=self.tls)
                if self.settings.user:
                    link.login(self.settings.user, _password(self.settings))
                link.send_message(message, from_addr=self.settings.sender, to_addrs=[box])
        except (smtplib.SMTPException, OSError) as error:
            where = f"{self.settings.host}:{self.settings.port}"
            raise MailNotSent(f"the mail server {where}, for {box}: {_said(error)}") from error

    def _connected(self) -> AbstractContextManager[smtplib.SMTP]:
        host, port, wait = self.settings.host, self.settings.port, self.settings.patience_seconds
        name = self.settings.sender.rpartition("@")[2]  # not the name of this machine
        if self.settings.tls == "tls":
            return smtplib.SMTP_SSL(host, port, name, timeout=wait, context=self.tls)
        return smtplib.SMTP(host, port, name, timeout=wait)


def _context(ca_file: str) -> ssl.SSLContext:
    try:
        return ssl.create_default_context(cafile=ca_file or None)
    except OSError as error:
        raise SetupError(f"[mail] ca_file {ca_file} cannot be used: {error}") from error


def _password(settings: MailSettings) -> str:
    return read_secret(Path(settings.password_file), "[mail] password_file")


def _is_loopback(host: str) -> bool:
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"


def _said(error: Exception) -> str:
    """What went wrong, without what the server quotes of ours."""
    match error:
        case smtplib.SMTPRecipientsRefused():
            return "; ".join(_answer(*each) for each in error.recipients.values())
        case smtplib.SMTPResponseException():
            return _answer(error.smtp_code, error.smtp_error)
        case _:
            return str(error) or type(error).__name__


def _answer(code: int, text: bytes | str) -> str:
    said = text.decode("utf-8", "replace") if isinstance(text, bytes) else text
    return f"{code} {' '.join(said.split())[:200]}"
