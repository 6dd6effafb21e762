"""What a home hands to outsiders: the keys and the policy by which its log can be checked."""

from __future__ import annotations

from archive.service import Archive
from evidence import durable
from evidock.home import Home


def write_public(home: Home, archive: Archive) -> None:
    """Write ``public/log.vkey`` and ``public/policy`` (C2SP tlog-policy: one log, no witness).

    The policy has every key that signs now; ``log-succession.N`` say how one followed another.
    """
    durable.make_folder(home.public)
    key = archive.verifier_key
    logs = "".join(f"log {each}\n" for each in archive.valid_keys)
    policy = f"{logs}quorum none\n"
    durable.replace(home.public / "log.vkey", f"{key}\n".encode("ascii"))
    durable.replace(home.public / "policy", policy.encode("ascii"))
    for number, statement in enumerate(archive.successions, start=1):
        durable.replace(home.public / f"log-succession.{number}", statement)
