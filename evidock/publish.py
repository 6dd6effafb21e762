"""What a home hands to outsiders: the keys and the policy by which its log can be checked."""

from __future__ import annotations

from archive.service import Archive
from evidence import durable
from evidock.home import Home


def write_public(home: Home, archive: Archive) -> None:
    """Write ``public/log.vkey``, and ``public/policy`` (C2SP) with the log and its witnesses.

    The policy has every key that signs now; ``log-succession.N`` say how one followed another.
    """
    durable.make_folder(home.public)
    key = archive.verifier_key
    policy = archive.witnesses.published
    more = "".join(f"log {each}\n" for each in archive.valid_keys if each not in policy)
    durable.replace(home.public / "log.vkey", f"{key}\n".encode("ascii"))
    durable.replace(home.public / "policy", (more + policy).encode())
    for number, statement in enumerate(archive.successions, start=1):
        durable.replace(home.public / f"log-succession.{number}", statement)
