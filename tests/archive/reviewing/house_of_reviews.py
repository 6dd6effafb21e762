"""Clips that were drawn, the people who look at them, and what they find."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from datetime import timedelta

from archive.catalogue import draws, findings, proposals, reviews, stored
from archive.catalogue.draws import Confirmed, DrawWanted
from archive.catalogue.findings import NewFinding
from archive.fixity import nobody
from evidence.clock import stamp
from evidence.custody import Entry
from evidence.draw_seed import SeedRule
from evidence.drawing import Rules
from evidence.rights import Role
from evidence.sheet import Answered, Template
from evidence.sheet_shelf import template
from tests.archive.house import PASSWORD, START, Footage, Open

SHEET = template("scene")
VALUE = "4.9.18.26.34.41"
HOUR, PATIENCE, WITHIN = timedelta(hours=1), timedelta(days=3), timedelta(days=14)


def answers(*failed: str, sheet: Template = SHEET) -> list[Answered]:
    """All right, but for the points that *failed*."""
    return [
        Answered(
            point=point.id,
            verdict="fail" if point.id in failed else "pass",
            note="没有说明" if point.id in failed else "",
        )
        for point in sheet.points
    ]


@dataclass(slots=True)
class Reviewing:
    """An open house with clips, supervisors and reviewers; acts go to the catalogue itself."""

    door: Open
    people: dict[str, str] = field(default_factory=dict)
    clips: list[str] = field(default_factory=list)

    @classmethod
    async def of(cls, door: Open, clips: int = 4, reviewers: int = 2) -> Reviewing:
        """With so many of both; an hour after the last clip came in."""
        made = cls(door)
        roles = {"lead": Role.SUPERVISOR, "legal": Role.LEGAL, "auditor": Role.AUDITOR}
        for name, role in roles.items():
            made.people[name] = await door.archive.create_person(name, PASSWORD, role)
        for number in range(reviewers):
            name = f"reviewer {number}"
            made.people[name] = await door.archive.create_person(name, PASSWORD, Role.REVIEWER)
        await made.film(clips)
        door.clock.advance(HOUR.total_seconds())
        return made

    async def film(self, count: int, officer: str | None = "4711") -> None:
        """So many more clips come in."""
        station = await self.door.station()
        for _ in range(count):
            number = len(self.clips)
            clip = replace(
                Footage(data=b"clip %d" % number, officer=officer), path=b"%d.MP4" % number
            )
            await station.pull(clip)
            self.clips.append((await station.archive(clip)).clip)

    async def run(self, verb: Callable[..., object], *told: object, **more: object) -> object:
        return await self.door.archive.books.catalogue.run(verb, *told, **more)

    def wanted(self, **changes: object) -> DrawWanted:
        """A draw over all days so far, with a seed that comes in an hour."""
        now = self.door.clock.now()
        rules = Rules(
            since=stamp(START - HOUR),
            until=stamp(now),
            size=2,
            recheck=50,
            sheet=SHEET.sha256,
            owner=self.people["lead"],
            seed=SeedRule.of("public", "lottery/ssq/2026140", now + HOUR),
        )
        made = DrawWanted(purpose="十一月评查", rules=rules, sheet=SHEET, patience=PATIENCE)
        ours = {name for name in changes if name in DrawWanted.__dataclass_fields__}
        others = {name: value for name, value in changes.items() if name not in ours}
        rules = replace_rules(rules, **others)
        return replace(made, rules=rules, **{name: changes[name] for name in ours})  # type: ignore[arg-type]

    async def commit(self, **changes: object) -> str:
        return str(await self.run(draws.commit, self.people["lead"], self.wanted(**changes)))

    async def seeded(self, draw: str, value: str = VALUE) -> None:
        """Its seed has come to be, and one person entered it."""
        self.door.clock.advance(HOUR.total_seconds() + 1)
        await self.run(draws.seed, self.people["lead"], draw, value)

    async def done(
        self, draw: str, by: str = "auditor", value: str = VALUE, drawn_at: str | None = None
    ) -> None:
        when = stamp(self.door.clock.now() - timedelta(seconds=1))
        told = Confirmed(value=value, drawn_at=when if drawn_at is None else drawn_at)
        await self.run(draws.confirm, self.people[by], draw, told, WITHIN)

    async def draw(self, **changes: object) -> str:
        """A whole draw."""
        draw = await self.commit(**changes)
        await self.seeded(draw)
        await self.done(draw)
        return draw

    async def rows(self, table: str) -> list[Mapping[str, object]]:
        run = self.door.archive.books.catalogue.run
        return await run(stored.of, table, "id", await run(stored.keys, table, "id"))

    async def fill(self, *failed: str) -> list[str]:
        """Every sheet that is to be filled in, each alike; the ids."""
        return [
            str(await self.run(reviews.fill, row["checker"], row["id"], answers(*failed)))
            for row in await self.rows("review")
        ]

    async def finding(self, owner: str = "lead", days: int = 10, subject: str = "E-17") -> str:
        """A finding about an incident without footage."""
        new = NewFinding(
            code="incident.no-footage",
            about="incident",
            subject=subject,
            owner=self.people[owner],
            due=stamp(self.door.clock.now() + timedelta(days=days)),
            what="该警情没有执法视音频",
        )
        return str(await self.run(findings.open_, self.people["auditor"], new))

    async def seal(self, clip: str) -> str:
        """Two persons agree that it goes; the id of what one proposed."""
        one, other = self.people["lead"], self.people["legal"]
        run = self.door.archive.books.catalogue.run
        made = await run(proposals.propose, one, clip, "destroy", "an order", authority="a court")
        await run(proposals.approve, other, made.id, timedelta(days=7))
        return made.id

    async def settled(self, finding: str, by: str = "legal", owner: str = "lead") -> None:
        """Its owner answers, and another person closes it."""
        await self.run(findings.answer, self.people[owner], finding, "记录仪故障")
        await self.run(findings.close, self.people[by], finding, "settled")

    async def record(self, *kinds: str) -> list[Mapping[str, object]]:
        """The entries of these kinds."""
        run = self.door.archive.books.catalogue.run
        rows = await run(stored.of, "entry", "kind", list(kinds))
        return [Entry(row["raw"]).fields for row in rows if isinstance(row["raw"], bytes)]

    async def fsck(self) -> list[str]:
        return [str(each) for each in await self.door.archive.examine(nobody)]


def replace_rules(rules: Rules, **changes: object) -> Rules:
    """*rules* with other fields."""
    return Rules(**{name: getattr(rules, name) for name in rules.__struct_fields__} | changes)
