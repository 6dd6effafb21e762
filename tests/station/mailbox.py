"""A mail server that keeps what it takes: small, and as strict as a real one where we could err."""

from __future__ import annotations

import asyncio
import base64
import ssl
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from email import message_from_bytes
from email.message import EmailMessage
from email.policy import SMTP
from ipaddress import ip_address
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from evidence.mail_settings import MailSettings

PROSECUTOR, UNION = "receipts@prosecutor.example", "receipts@union.example"


@dataclass(slots=True, kw_only=True)
class _Session:
    """How far one client has come."""

    secure: bool
    is_in: bool
    box: str = ""


@dataclass(slots=True, kw_only=True)
class MailServer:
    """One server; what stands here may be changed while it runs."""

    tls: ssl.SSLContext | None = None
    is_implicit: bool = False
    """TLS from the first byte on; else by STARTTLS."""
    password: str = ""
    """What LOGIN and PLAIN must bring; empty: nobody has to log in."""
    refused: set[str] = field(default_factory=set)
    """Boxes that it does not know."""
    before_yes: Callable[[], None] = lambda: None
    """Called when a mail is whole, before it is said to be taken."""
    port: int = 0
    taken: list[tuple[str, EmailMessage]] = field(default_factory=list)
    """(box, mail), in order."""
    heard: list[str] = field(default_factory=list)
    """Every command, as it was sent."""

    @asynccontextmanager
    async def serving(self) -> AsyncIterator[MailServer]:
        """Listen on loopback; the same port whenever it is started again."""
        at_once = self.tls if self.is_implicit else None
        server = await asyncio.start_server(
            self._talk, "127.0.0.1", self.port, ssl=at_once, limit=1 << 25
        )
        self.port = server.sockets[0].getsockname()[1]
        try:
            yield self
        finally:
            server.close()

    def mails(self, box: str) -> list[EmailMessage]:
        return [mail for to, mail in self.taken if to == box]

    async def _talk(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            await self._session(reader, writer)
        except (ConnectionError, asyncio.IncompleteReadError, ssl.SSLError):
            pass
        finally:
            writer.close()

    async def _session(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        state = _Session(secure=self.is_implicit, is_in=not self.password)
        writer.write(b"220 mail.example ESMTP\r\n")
        while line := (await reader.readline()).decode("ascii").strip():
            self.heard.append(line)
            verb = line.upper().split(":")[0].split(" ")[0]
            writer.write(self._answer(state, verb, line))
            await writer.drain()
            if verb == "STARTTLS" and self.tls is not None:
                await writer.start_tls(self.tls)
                state.secure = True
            elif verb == "DATA":
                self._take(state.box, await reader.readuntil(b"\r\n.\r\n"))
                self.before_yes()
                writer.write(b"250 taken\r\n")
            elif verb == "QUIT":
                return

    def _answer(self, state: _Session, verb: str, line: str) -> bytes:
        match verb:
            case "EHLO":
                return self._features(secure=state.secure)
            case "AUTH":
                state.is_in = self._password_of(line) == self.password
                return b"235 in\r\n" if state.is_in else b"535 5.7.8 wrong password\r\n"
            case "MAIL" | "RCPT" | "DATA" if not state.is_in:
                return b"530 5.7.0 log in first\r\n"
            case "RCPT":
                state.box = line.partition("<")[2].partition(">")[0]
                return b"550 no such box\r\n" if state.box in self.refused else b"250 ok\r\n"
            case _:
                codes = {"STARTTLS": b"220", "DATA": b"354", "QUIT": b"221"}
                return codes.get(verb, b"250") + b" ok\r\n"

    def _features(self, *, secure: bool) -> bytes:
        lines = [b"250-mail.example"]
        if self.tls is not None and not secure:
            lines.append(b"250-STARTTLS")
        if self.password and (secure or self.tls is None):
            lines.append(b"250-AUTH PLAIN")
        return b"\r\n".join([*lines, b"250 SIZE 35882577"]) + b"\r\n"

    @staticmethod
    def _password_of(line: str) -> str:
        return base64.b64decode(line.rpartition(" ")[2]).split(b"\0")[-1].decode()

    def _take(self, box: str, data: bytes) -> None:
        text = data.removesuffix(b".\r\n").replace(b"\r\n..", b"\r\n.")
        self.taken.append((box, message_from_bytes(text, policy=SMTP)))


def certified(folder: Path, name: str = "127.0.0.1") -> tuple[ssl.SSLContext, Path]:
    """A server's TLS with a certificate for *name*, and the file to trust it by."""
    key = ec.generate_private_key(ec.SECP256R1())
    who = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "mail")])
    now = datetime.now(UTC)
    made = (
        x509.CertificateBuilder(who, who, key.public_key(), 1)
        .not_valid_before(now - timedelta(days=1))
        .not_valid_after(now + timedelta(days=1))
        .add_extension(
            x509.SubjectAlternativeName([x509.IPAddress(ip_address(name))]), critical=False
        )
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .sign(key, hashes.SHA256())
    )
    public, private = folder / f"{name}.pem", folder / f"{name}.key"
    public.write_bytes(made.public_bytes(serialization.Encoding.PEM))
    private.write_bytes(
        key.private_bytes(
            serialization.Encoding.PEM,
            serialization.PrivateFormat.PKCS8,
            serialization.NoEncryption(),
        )
    )
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(public, private)
    return context, public


def plain(server: MailServer, *boxes: str) -> MailSettings:
    """Settings that mail to *boxes* by way of *server*, in the clear."""
    return MailSettings(
        host="127.0.0.1",
        port=server.port,
        tls="none",
        sender="evidock@agency.example",
        to=boxes or (PROSECUTOR,),
        patience_seconds=5,
    )
