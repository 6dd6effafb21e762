"""The log's key followed by another one, and the one before let go.

One rule: what is to be signed otherwise stands in the log first, under the key that is trusted
already; and nobody who trusts only that one is left behind unknowingly.
"""

from __future__ import annotations

import asyncio
from dataclasses import replace
from functools import partial

from archive.log import key
from archive.log.mirror import copied_note
from archive.log.store import TileStore
from archive.log.witnesses import policy_of
from archive.rebuild.catching_up import Others
from archive.service import Archive
from evidence import durable
from evidence.clock import Clock
from evidence.custody import EntryKind
from evidence.errors import SetupError
from evidence.note import VerifierKey, signed_by
from evidence.tiles import WITNESSED
from evidence.vault import Vault
from evidock.home import Home
from station.at_rest import stored_public_key

_OWNER = "owner"
_RUN = (
    "Run the home, so that stations follow and the vault's copy of the log carries both signatures;"
    " then retire the key."
)


async def rotated(home: Home, vault: Vault, clock: Clock) -> dict[str, str]:
    """Make a key, say so in the log, and let it sign beside the present one; both keys.

    The caller holds the home, and its *vault* is asked before anything is signed.  SetupError while
    the one before the present still signs, or if the policy of the witnesses does not know the new
    key: nothing has changed then.  After a crash it is simply done again: the same new key goes on;
    if that is lost and signed nothing yet, another one is named.
    """
    settings = home.settings()
    origin, folder = settings.agency.origin, home.archive
    if not (folder / key.KEY).exists():
        raise SetupError(f"{folder / key.KEY} is missing: there is no key to be followed")
    await asyncio.to_thread(copied_note, vault)  # it answers, or nobody knows what a key signed
    others = replace(Others.around(vault, settings.agency.name), names_another_key=True)
    asked = partial(Archive.at_rest, settings, folder, clock, others)
    async with asked():  # before a key is made: whether one was named, and is to be had
        pass
    change = await asyncio.to_thread(key.change, folder, origin)
    await asyncio.to_thread(policy_of, settings.witnesses, change.new.key)
    said = {"old": str(change.old.key), "new": str(change.new.key)}
    if not change.is_begun:
        async with asked() as books:
            await books.record(EntryKind.LOG_KEY, _OWNER, **said)
    statement = await asyncio.to_thread(key.switch, folder, origin)
    await asyncio.to_thread(durable.make_folder, home.public)
    number = len(await asyncio.to_thread(key.statements, folder))
    place = home.public / f"log-succession.{number}"
    await asyncio.to_thread(durable.replace, place, statement)
    async with asked() as books:  # which has signed the head with both
        return {**said, "size": str(books.log.size)}


async def retired(home: Home, vault: Vault, clock: Clock) -> dict[str, str]:
    """Let the key before the present one sign no more; which it was.

    The caller holds the home.  SetupError if none does, a station of this home has not followed,
    or the present one did not sign the copy of the log in *vault*, or what witnesses cosigned last.
    """
    settings = home.settings()
    key.must_be_settled(home.archive)
    signing = await asyncio.to_thread(key.signers, home.archive, settings.agency.origin)
    if len(signing) == 1:
        raise SetupError("only one key signs: there is none to be retired")
    pinned = await asyncio.to_thread(stored_public_key, home.station)
    follows = pinned is None or pinned == signing[0].key
    if not follows or str(signing[0].key) not in await asyncio.to_thread(_published, home):
        raise SetupError(
            "nobody was told of the new key yet: this home has not run since it was made",
            advice=_RUN,
        )
    await asyncio.to_thread(_must_be_copied, vault, signing[0].key)
    await asyncio.to_thread(_must_be_witnessed, home, signing[0].key)
    said = {"old": str(signing[1].key), "new": str(signing[0].key)}
    others = Others.around(vault, settings.agency.name)
    async with Archive.at_rest(settings, home.archive, clock, others) as books:
        await books.record(EntryKind.LOG_KEY, _OWNER, how="retired", **said)
    await asyncio.to_thread(key.retire, home.archive)
    return said


def _must_be_copied(vault: Vault, present: VerifierKey) -> None:
    """SetupError unless the copy in the vault, which outlives this home, has the *present* key's.

    A home that is put back from a backup takes the vault's word only under the keys it signs with.
    """
    note = copied_note(vault)
    if note is None or not signed_by(note, [present]):
        raise SetupError(
            "the copy of the log in the vault is not signed by the present key yet", advice=_RUN
        )


def _must_be_witnessed(home: Home, present: VerifierKey) -> None:
    """SetupError unless the head that the log publishes as witnessed has the *present* key's.

    With the old key gone from the policy nobody would believe that head any more, nor this log.
    """
    note = TileStore(home.archive / "log").read(WITNESSED)
    if note is not None and not signed_by(note, [present]):
        raise SetupError(
            "the newest head that witnesses cosigned is not signed by the present key yet",
            advice="Run the home until they cosigned again, or carry them a request (evidock"
            " witnesses request); then retire the key. Where the policy has no witness left, take"
            f" {home.archive / 'log' / WITNESSED} out of the log's folder and keep it.",
        )


def _published(home: Home) -> str:
    """The policy as the home wrote it at its last start."""
    policy = home.public / "policy"
    return policy.read_text("utf-8") if policy.exists() else ""


def listed(home: Home) -> list[dict[str, str]]:
    """What signs in this home, by the public half; no private key is shown."""
    settings, found = home.settings(), list[dict[str, str]]()
    if (home.archive / key.KEY).exists():
        words = ("log", "log, the one before")
        signing = key.signers(home.archive, settings.agency.origin)
        files = (home.archive / key.KEY, home.archive / key.BEFORE)
        for what, signer, file in zip(words, signing, files, strict=False):
            found.append({"what": what, "public": str(signer.key), "file": str(file)})
    pinned = stored_public_key(home.station)
    if pinned is not None:
        what = "log, as the station here trusts it"
        found.append({"what": what, "public": str(pinned), "file": str(home.station)})
    return found
