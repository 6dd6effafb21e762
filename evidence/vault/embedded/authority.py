"""The engine's own certificate authority: who may speak gRPC with its parts.

The engine's parts talk over gRPC, and whoever may join in can delete locked objects behind the back
of the S3 port.  So every call needs a certificate of this authority (mutual TLS).  Authority and
certificate are made at the first start, never leave the folder, and are readable by us alone.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

from evidence import durable

AUTHORITY = "authority.pem"
"""Certificate of the authority; its key is used once and then forgotten."""
CERTIFICATE = "engine.pem"
KEY = "engine.key"
"""Private key; written last, so a folder that has it has all three."""

_LIFE = timedelta(days=365 * 30)
_SLACK = timedelta(days=2)  # a host clock may be set back after the first start


def issue(folder: Path, now: datetime) -> None:
    """See that *folder* holds the authority, one certificate and its key; made where missing.

    The authority's own private key is never written: nobody, us included, can issue a second
    certificate, and a lost folder simply gets a new authority.
    """
    if (folder / KEY).exists():
        return
    durable.make_folder(folder)
    authority_key = ec.generate_private_key(ec.SECP256R1())
    engine_key = ec.generate_private_key(ec.SECP256R1())
    authority = _authority(authority_key, now)
    certificate = _certificate(authority, authority_key, engine_key.public_key(), now)
    durable.replace(folder / AUTHORITY, authority.public_bytes(serialization.Encoding.PEM))
    durable.replace(folder / CERTIFICATE, certificate.public_bytes(serialization.Encoding.PEM))
    durable.replace(folder / KEY, _private_pem(engine_key), mode=durable.PRIVATE)


def _authority(key: ec.EllipticCurvePrivateKey, now: datetime) -> x509.Certificate:
    name = _name("Evidock embedded vault authority")
    return (
        _draft(name, name, key.public_key(), now)
        .add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
        .sign(key, hashes.SHA256())
    )


def _certificate(
    authority: x509.Certificate,
    authority_key: ec.EllipticCurvePrivateKey,
    public_key: ec.EllipticCurvePublicKey,
    now: datetime,
) -> x509.Certificate:
    both_sides = [ExtendedKeyUsageOID.SERVER_AUTH, ExtendedKeyUsageOID.CLIENT_AUTH]
    return (
        _draft(_name("Evidock embedded vault"), authority.subject, public_key, now)
        .add_extension(x509.BasicConstraints(ca=False, path_length=None), critical=True)
        .add_extension(x509.ExtendedKeyUsage(both_sides), critical=False)
        .sign(authority_key, hashes.SHA256())
    )


def _draft(
    subject: x509.Name, issuer: x509.Name, key: ec.EllipticCurvePublicKey, now: datetime
) -> x509.CertificateBuilder:
    return (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(issuer)
        .public_key(key)
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - _SLACK)
        .not_valid_after(now + _LIFE)
    )


def _name(text: str) -> x509.Name:
    return x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, text)])


def _private_pem(key: ec.EllipticCurvePrivateKey) -> bytes:
    return key.private_bytes(
        serialization.Encoding.PEM,
        serialization.PrivateFormat.PKCS8,
        serialization.NoEncryption(),
    )
