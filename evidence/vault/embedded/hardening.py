"""How the engine is started so that only its S3 port does anything, and only for our two keys.

With stock settings one HTTP request without any credential destroys a bucket of locked objects;
every line below closes a way that was tried (docs/vault.md has the table).
"""

from __future__ import annotations

import secrets
from contextlib import suppress
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path

import msgspec

from evidence import durable
from evidence.errors import SetupError
from evidence.vault.embedded import authority
from evidence.vault.embedded.ports import GRPC_OFFSET, Ports

LOOPBACK = "127.0.0.1"
ARCHIVE_RIGHTS = (
    "Read",
    "Write",
    "List",
    "Tagging",
    "PutObjectRetention",
    "PutObjectLegalHold",
    "GetObjectRetention",
)
"""All the archive needs: it can lock and extend, and neither shorten, bypass nor make buckets."""

_MEMORY_LIMIT = (
    "512MiB"  # without a limit it keeps 1.7 GB for good; with 300 MiB it is half as fast
)
_GRPC_PARTS = ("master", "volume", "filer", "s3", "admin", "worker", "msg_broker", "mq", "client")
_JWT_PARTS = ("signing", "signing.read", "filer_signing", "filer_signing.read")
_SERVICES = ("s3", "master", "filer", "volume", "admin")
_SOCKETS = Path("/tmp")  # noqa: S108  built into the engine, whatever TMPDIR says
_SECRETS = "secrets.json"
_IDENTITIES = "identities.json"
_SECURITY = "security.toml"


class Identity(StrEnum):
    """As whom one may speak to the engine."""

    ROOT = "root"
    """Admin: makes buckets; handed to the owner of the home on request."""
    ARCHIVE = "archive"
    """Holds ARCHIVE_RIGHTS and no more."""


@dataclass(frozen=True, slots=True, kw_only=True)
class KeyPair:
    """An S3 access key and its secret."""

    access_key: str
    secret_key: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Secrets:
    """Everything random that one engine has, made at its first start."""

    root: KeyPair
    archive: KeyPair
    jwt: dict[str, str]

    def of(self, identity: Identity) -> KeyPair:
        """The S3 keys of *identity*."""
        return self.root if identity is Identity.ROOT else self.archive


def keys(state: Path) -> Secrets:
    """The secrets of the engine whose state folder this is; made, readable by us alone, if new."""
    file = state / _SECRETS
    if not file.exists():
        made = Secrets(
            root=_key_pair("ROOT"),
            archive=_key_pair("ARCHIVE"),
            jwt={part: secrets.token_urlsafe(32) for part in _JWT_PARTS},
        )
        durable.create(file, msgspec.json.encode(made), mode=durable.PRIVATE)
    try:
        return msgspec.json.decode(file.read_bytes(), type=Secrets)
    except msgspec.DecodeError as error:
        raise SetupError(f"{file} is damaged: {error}", advice="Restore it from backup.") from error


def write_configuration(state: Path, known: Secrets) -> None:
    """Put what the engine reads at its start into *state*: identities, JWT keys, gRPC mTLS."""
    identities = {
        "identities": [
            _identity(Identity.ROOT, known.root, ("Admin",)),
            _identity(Identity.ARCHIVE, known.archive, ARCHIVE_RIGHTS),
        ]
    }
    durable.replace(state / _IDENTITIES, msgspec.json.encode(identities), mode=durable.PRIVATE)
    security = _security(state, known).encode("utf-8")
    durable.replace(state / _SECURITY, security, mode=durable.PRIVATE)


def environment(state: Path) -> dict[str, str]:
    """The engine's whole environment: nothing of ours leaks in, none of its defaults leak out."""
    return {
        "HOME": str(state),
        "TMPDIR": str(state),
        "GOMEMLIMIT": _MEMORY_LIMIT,
        "PATH": "/usr/bin:/bin",
    }


def arguments(data: Path, state: Path, ports: Ports, volumes: int) -> list[str]:
    """The engine's command line after its name.  It runs in *state* and keeps objects in *data*.

    Every bucket takes at least one of its *volumes*; 0 means as many as the free disk can fill.
    """
    return [
        "-logdir=log",
        "-alsologtostderr=false",
        "-stderrthreshold=FATAL",
        "-log_max_size_mb=8",
        "-log_max_files=2",
        "mini",
        f"-dir={data}",
        f"-ip={LOOPBACK}",
        f"-ip.bind={LOOPBACK}",
        "-disableHttp",
        "-master.telemetry=false",
        "-admin.ui=false",
        f"-admin.dataDir={state / 'admin'}",
        "-webdav=false",
        f"-volume.max={volumes}",
        "-s3.iam=false",
        "-s3.port.iceberg=0",
        "-s3.port.lance=0",
        "-s3.autoCreateBucket=false",
        "-s3.allowDeleteBucketNotEmpty=false",
        f"-s3.config={state / _IDENTITIES}",
        # Relative to the working folder: a socket path may have 107 bytes, and a home has more.
        "-s3.localSocket=s3.sock",
        "-filer.localSocket=filer.sock",
        *(f"-{service}.port={getattr(ports, service)}" for service in _SERVICES),
        *(f"-{service}.port.grpc={getattr(ports, service) + GRPC_OFFSET}" for service in _SERVICES),
    ]


def remove_sockets(ports: Ports) -> None:
    """Remove the sockets that an engine on *ports*, ended by now, left beside its gRPC ports."""
    for service in _SERVICES:
        number = getattr(ports, service) + GRPC_OFFSET
        with suppress(PermissionError):  # another user's: not from our engine
            (_SOCKETS / f"seaweedfs-{service}-grpc-{number}.sock").unlink(missing_ok=True)


def _key_pair(prefix: str) -> KeyPair:
    return KeyPair(
        access_key=prefix + secrets.token_hex(8).upper(), secret_key=secrets.token_urlsafe(32)
    )


def _identity(name: Identity, pair: KeyPair, rights: tuple[str, ...]) -> dict[str, object]:
    credentials = [{"accessKey": pair.access_key, "secretKey": pair.secret_key}]
    return {"name": name.value, "credentials": credentials, "actions": list(rights)}


def _security(state: Path, known: Secrets) -> str:
    """security.toml: a JWT on every HTTP read and write, our own certificate on every gRPC call."""
    lines = [f'[jwt.{part}]\nkey = "{key}"' for part, key in known.jwt.items()]
    lines.append(f"[grpc]\nca = {_quoted(state / authority.AUTHORITY)}")
    certificate = _quoted(state / authority.CERTIFICATE)
    key = _quoted(state / authority.KEY)
    lines += [f"[grpc.{part}]\ncert = {certificate}\nkey = {key}" for part in _GRPC_PARTS]
    return "\n".join(lines) + "\n"


def _quoted(path: Path) -> str:
    """*path* as a TOML string; JSON's escapes are TOML's."""
    return msgspec.json.encode(str(path)).decode("utf-8")
