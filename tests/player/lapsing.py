"""An archive on a clock that can be moved, and the player before it: clips whose time ends.

The vault is in memory, since nothing here is watched; archive, catalogue and player are the real
ones.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path

import aiohttp
from yarl import URL

from archive.disposal.walking import Walked
from evidence.rights import Role
from evidence.wire import (
    DisposalWanted,
    HoldWanted,
    Message,
    ProposalShown,
    ProposalWithdrawn,
    Session,
    SignIn,
)
from player import service
from tests.archive.disposal.ending import Ending, ending
from tests.archive.house import PASSWORD, Answer, Footage, House, Open, Person, Station
from tests.player.reader import Reader
from tests.player.window import served

DAY = timedelta(days=1)
KEPT = timedelta(days=180)
"""By the default law pack."""
PEOPLE = {
    "sam": Role.SUPERVISOR,
    "lena": Role.LEGAL,
    "rita": Role.REVIEWER,
    "audrey": Role.AUDITOR,
    "otto": Role.OFFICER,
}
LONG = "巡逻一队_" + "very-long-name-without-any-blank_" * 4 + ".MP4"


@dataclass(slots=True, kw_only=True)
class Lapse:
    """The running archive and player."""

    end: Ending
    station: Station
    url: str
    """Of the player."""
    readers: Callable[[], Reader]
    clips: dict[str, str] = field(default_factory=dict)

    @property
    def door(self) -> Open:
        return self.end.door

    def wait(self, time: timedelta) -> None:
        self.end.later(time)

    async def walk(self) -> Walked:
        """People are told of what ends soon, and what may be destroyed is destroyed."""
        await self.end.cosign()
        await self.door.archive.apply_rules_now()
        await self.door.archive.notify_now()
        return await self.end.walk()

    async def archive(self, name: str) -> str:
        """A clip of that *name*, with bytes of its own."""
        made = Footage(data=name.encode(), path=b"DCIM/" + name.encode())
        self.clips[name] = (await self.station.archive(made)).clip
        return self.clips[name]

    async def as_(self, name: str) -> Person:
        """The person *name* at the archive's door, signed in just now."""
        answer = await self.door.post("/v1/sessions", SignIn(name=name, password=PASSWORD))
        return Person(door=self.door, token=answer.as_(Session).token)

    async def at_player(self, name: str) -> Reader:
        """The person *name* at the player, signed in just now."""
        reader = self.readers()
        assert (await reader.sign_in(name, PASSWORD)).status == 200
        return reader

    async def propose(self, who: str, clip: str, authority: str | None = None) -> ProposalShown:
        wanted = DisposalWanted(reason=f"why {clip[:6]} goes", authority=authority)
        made = await (await self.as_(who)).post(f"/v1/clips/{clip}/disposal", wanted)
        return made.as_(ProposalShown)

    async def approve(self, who: str, proposal: str) -> Answer:
        return await self.post(who, f"/v1/proposals/{proposal}/approve", Message())

    async def hold(self, who: str, clip: str) -> Answer:
        wanted = HoldWanted(authority="court", reason="appeal")
        return await self.post(who, f"/v1/clips/{clip}/holds", wanted)

    async def post(self, who: str, path: str, message: Message) -> Answer:
        return await (await self.as_(who)).post(path, message)


@asynccontextmanager
async def lapsing(folder: Path, house: House | None = None) -> AsyncIterator[Lapse]:
    """Archive and player in *folder*, with one station and the PEOPLE; *house*: one that is."""
    async with AsyncExitStack() as stack:
        end = await stack.enter_async_context(ending(house or House.at(folder), folder / "court"))
        door, settings = end.door, end.door.archive._parts.settings
        player = service.build(settings, str(door.http.make_url("/")), clock=door.clock)
        url = await stack.enter_async_context(served(player))
        clients: list[aiohttp.ClientSession] = []

        def readers() -> Reader:
            jar = aiohttp.CookieJar(unsafe=True)
            clients.append(aiohttp.ClientSession(URL(url + "/"), cookie_jar=jar))
            stack.push_async_callback(clients[-1].close)
            return Reader(http=clients[-1])

        for name, role in PEOPLE.items():
            officer = "4711" if role is Role.OFFICER else None
            await door.archive.create_person(name, PASSWORD, role, officer)
        yield Lapse(end=end, station=await door.station(), url=url, readers=readers)


async def filled(lapse: Lapse) -> None:
    """One clip in each state that a disposal can be in."""
    names = ("waits", "restorable", "over", "held", "withdrawn", "gone")
    for name in (LONG, *(f"{each}.mp4" for each in names)):
        await lapse.archive(name)
    lapse.wait(28 * DAY)
    await lapse.archive("soon.mp4")
    lapse.wait(KEPT - 41 * DAY)
    await lapse.walk()
    lapse.wait(15 * DAY)
    await lapse.archive("ordered.mp4")
    await lapse.hold("lena", lapse.clips["held.mp4"])
    gone = await lapse.propose("sam", lapse.clips["gone.mp4"])
    await lapse.approve("lena", gone.id)
    lapse.wait(7 * DAY + timedelta(minutes=1))
    assert (await lapse.walk()).done == (lapse.clips["gone.mp4"],)
    over = await lapse.propose("sam", lapse.clips["over.mp4"])
    await lapse.approve("lena", over.id)
    lapse.wait(8 * DAY)
    restorable = await lapse.propose("sam", lapse.clips["restorable.mp4"])
    await lapse.approve("lena", restorable.id)
    ordered = await lapse.propose("lena", lapse.clips["ordered.mp4"], "Court of Appeal, 7 C 12/26")
    await lapse.approve("sam", ordered.id)
    withdrawn = await lapse.propose("sam", lapse.clips["withdrawn.mp4"])
    path = f"/v1/proposals/{withdrawn.id}/withdraw"
    assert (await lapse.post("lena", path, ProposalWithdrawn(reason="needed"))).status == 200
    lapse.wait(3 * DAY)
    await lapse.propose("sam", lapse.clips["waits.mp4"])
    await lapse.end.cosign()
    lapse.wait(timedelta(hours=5))
