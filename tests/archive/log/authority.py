"""A time-stamping authority: `openssl ts -reply` behind HTTP, as any agency could run one."""

from __future__ import annotations

import asyncio
import subprocess
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

from aiohttp import web
from aiohttp.test_utils import TestServer
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import ExtendedKeyUsageOID

_CONFIG = """
[tsa]
default_tsa = one
[one]
serial = {folder}/serial
signer_cert = {folder}/tsa.pem
signer_key = {folder}/tsa.key
certs = {certs}
signer_digest = sha256
default_policy = 1.2.3.4.1
digests = sha256
ess_cert_id_alg = sha256
"""
_USAGE = x509.ExtendedKeyUsage([ExtendedKeyUsageOID.TIME_STAMPING])


@dataclass(frozen=True, slots=True, kw_only=True)
class Authority:
    """An authority at work."""

    url: str
    ca: Path


def name(common: str) -> x509.Name:
    return x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, common)])


def certificate(
    subject: str, key: ec.EllipticCurvePrivateKey, issuer: str, by: ec.EllipticCurvePrivateKey
) -> x509.Certificate:
    now = datetime.now(UTC)
    is_ca = subject == issuer
    builder = (
        x509.CertificateBuilder()
        .subject_name(name(subject))
        .issuer_name(name(issuer))
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - timedelta(days=1))
        .not_valid_after(now + timedelta(days=30))
        .add_extension(x509.BasicConstraints(ca=is_ca, path_length=None), critical=True)
    )
    if not is_ca:
        builder = builder.add_extension(_USAGE, critical=True)
    return builder.sign(by, hashes.SHA256())


def prepare(folder: Path, *, with_ca: bool = False) -> None:
    """Keys and certificates of an authority in *folder*."""
    folder.mkdir()
    root, own = ec.generate_private_key(ec.SECP256R1()), ec.generate_private_key(ec.SECP256R1())
    pem = serialization.Encoding.PEM
    (folder / "ca.pem").write_bytes(certificate("CA", root, "CA", root).public_bytes(pem))
    (folder / "tsa.pem").write_bytes(certificate("TSA", own, "CA", root).public_bytes(pem))
    (folder / "tsa.key").write_bytes(
        own.private_bytes(pem, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    )
    (folder / "serial").write_text("01\n")
    certs = folder / ("ca.pem" if with_ca else "tsa.pem")
    (folder / "tsa.cnf").write_text(_CONFIG.format(folder=folder, certs=certs))


def answer(folder: Path) -> bytes:
    """What OpenSSL answers to the query in *folder*."""
    command = ["openssl", "ts", "-reply", "-section", "one", "-config", str(folder / "tsa.cnf")]
    files = ["-queryfile", str(folder / "query"), "-out", str(folder / "reply")]
    subprocess.run([*command, *files], check=True, capture_output=True)
    return (folder / "reply").read_bytes()


@asynccontextmanager
async def authority(folder: Path, *, with_ca: bool = False) -> AsyncIterator[Authority]:
    """An authority that answers out of *folder*; *with_ca*: its answers hold the CA, too."""
    prepare(folder, with_ca=with_ca)

    async def reply(request: web.Request) -> web.Response:
        assert request.content_type == "application/timestamp-query"
        (folder / "query").write_bytes(await request.read())
        data = await asyncio.to_thread(answer, folder)
        return web.Response(body=data, content_type="application/timestamp-reply")

    app = web.Application()
    app.router.add_post("/", reply)
    async with TestServer(app) as server:
        yield Authority(url=str(server.make_url("/")), ca=folder / "ca.pem")
