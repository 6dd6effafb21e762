"""What a home hands to outsiders: the keys and the policy by which its log can be checked."""

from __future__ import annotations

from archive.service import Archive
from evidence import durable
from evidock.home import Home


def write_public(home: Home, archive: Archive) -> None:
    """Write ``public/log.vkey``, and ``public/policy`` (C2SP) with the log and its witnesses."""
    durable.make_folder(home.public)
    key = archive.verifier_key
    durable.replace(home.public / "log.vkey", f"{key}\n".encode("ascii"))
    durable.replace(home.public / "policy", archive.witnesses.published.encode())
