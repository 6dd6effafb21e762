"""What a home hands to outsiders: the keys and the policy by which its log can be checked."""

from __future__ import annotations

from archive.service import Archive
from evidence import durable
from evidock.home import Home


def write_public(home: Home, archive: Archive) -> None:
    """Write ``public/log.vkey`` and ``public/policy`` (C2SP tlog-policy: one log, no witness)."""
    durable.make_folder(home.public)
    key = archive.verifier_key
    policy = f"log {key}\nquorum none\n"
    durable.replace(home.public / "log.vkey", f"{key}\n".encode("ascii"))
    durable.replace(home.public / "policy", policy.encode("ascii"))
