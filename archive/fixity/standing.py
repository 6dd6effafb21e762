"""How far rounds and copies are, in words too, and what that says of all that is kept."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from archive.catalogue import copies, rounds
from archive.catalogue.catalogue import Catalogue
from archive.catalogue.moves import Which
from archive.catalogue.rounds import Tally
from archive.fixity.bound import at_most
from evidence.clock import stamp


@dataclass(frozen=True, slots=True, kw_only=True)
class Reached:
    """How far the rounds of one vault are."""

    which: Which
    clips: int
    """That it is to hold."""
    wrong: int
    """Clips of which something is wrong now."""
    tally: Tally

    @property
    def at_most(self) -> float:
        """The share of all that is wrong, at most, with 95 % confidence; what was mended counts.

        As far as damage does not choose clips by their ids, which are drawn at random.
        """
        if self.tally.ended is not None:
            return self.tally.wrong / self.tally.read if self.tally.read else 0.0
        return at_most(self.tally.wrong, self.tally.read)

    def in_words(self) -> str:
        """The sentence for it."""
        tally = self.tally
        if tally.ended is not None:
            return (
                f"{self.which} vault: all {tally.read} clips were read in the round that ended"
                f" at {stamp(tally.ended)}, {tally.wrong} of them were wrong; {self.wrong} are now"
            )
        if not tally.read:
            return f"{self.which} vault: of {self.clips} clips none was read yet"
        return (
            f"{self.which} vault: {tally.read} of {self.clips} clips were read in this round,"
            f" {tally.wrong} of them were wrong: with 95 % confidence fewer than"
            f" {100 * self.at_most:.2g} % of all are; {self.wrong} are wrong now"
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Lacking:
    """What the second vault has no copy of."""

    clips: int
    since: datetime | None
    """When the oldest of them came in."""

    def in_words(self) -> str:
        """The sentence for it."""
        if self.since is None:
            return "second vault: every clip has its copy there"
        return f"second vault: {self.clips} clips wait for their copy since {stamp(self.since)}"


async def reached(catalogue: Catalogue, which: Which) -> Reached:
    """How far the rounds of *which* vault are, by the record."""
    return Reached(
        which=which,
        clips=await catalogue.run(rounds.held, which),
        wrong=len((await catalogue.run(rounds.standing, which)).failed),
        tally=await catalogue.run(rounds.tally, which),
    )


async def lacking(catalogue: Catalogue, bucket: str) -> Lacking:
    """What there is no copy of in *bucket* of the second store."""
    behind = await catalogue.run(copies.behind, bucket)
    return Lacking(clips=behind.clips, since=behind.since)
