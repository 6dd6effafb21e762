"""Issuing: who takes which camera from the dock.

One rule: a camera is ready when its footage is safe, something but its slot names it, its charge is
enough, and nobody was given it; the board names one next camera, and hands out no other by itself.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace

from evidence.errors import NotHandedOut, SetupError
from evidence.settings import StationSettings
from station.assignment import Assignment, How
from station.calls import named
from station.claims import is_number
from station.desk import Desk
from station.journal.journal import Journal
from station.view import CardView, StationView, Word

Look = Callable[[], StationView]
"""What stands at the dock now."""
_MODES = {"none": 0, "fixed": 1, "pool": 2, "badge": 3}


@dataclass(frozen=True, slots=True, kw_only=True)
class Issue:
    """What was handed out."""

    assignment: Assignment
    card: CardView
    """The tile it stands on."""
    still_out: tuple[str, ...] = ()
    """Cameras that this officer was given before and that are not back."""


class Issuing:
    """The assignments that stand at one station."""

    def __init__(self, desk: Desk, settings: StationSettings) -> None:
        self.desk = desk
        self._settings = settings
        self._turn = asyncio.Lock()
        self._standing: dict[str, Assignment] = {}

    async def take_up(self) -> None:
        """See which assignments stand."""
        standing = await self.desk.ask(Journal.standing_assignments)
        self._standing = {each.camera: each for each in standing}

    async def came_back(self, docking: str, camera: str) -> Assignment | None:
        """The card of *docking* is *camera*'s: under which assignment it was worn, if any.

        Where nobody assigns any more, that it came back is on record, and nothing follows for it.
        """
        async with self._turn:
            worn = await self.desk.tell(lambda journal: journal.came_back(docking, camera))
            if worn is not None:
                await self.take_up()
            return None if self._settings.assignment == "none" else worn

    def marked(self, view: StationView) -> StationView:
        """*view* with who wears what, what is ready, and which camera is next."""
        if self._settings.assignment == "none":
            return view
        cards = tuple(self._marked(card) for card in view.cards)
        upcoming = next_ready(cards)
        if self._settings.assignment == "fixed" or upcoming is None:
            return replace(view, cards=cards)
        return replace(view, cards=tuple(replace(card, next=card is upcoming) for card in cards))

    def _marked(self, card: CardView) -> CardView:
        held = self._standing.get(card.camera) if card.known else None
        wears = "" if held is None else held.officer
        return replace(card, worn_by=wears, ready=held is None and is_ready(card), next=False)

    async def history(self, camera: str | None) -> list[Assignment]:
        """Every assignment there ever was (of *camera*), the oldest first."""
        return await self.desk.ask(lambda journal: journal.assignments(camera))

    # --- what is done

    async def assign(self, camera: str, officer: str, by: str) -> Assignment:
        """*camera* is *officer*'s until somebody ends that; SetupError for what are no numbers."""
        self._must_be("fixed")
        _must_be_number("--camera", camera)
        async with self._turn:
            await self.take_up()
            held = self._standing.get(camera)
            if held is not None and held.how.ends_at_dock and held.officer != officer:
                raise SetupError(
                    f"camera {camera} was given to {held.officer} at {held.since}",
                    advice="Dock it first: what it recorded since is theirs. If it was never"
                    " taken, end that: evidock station unassign.",
                )
            return await self._write(camera, officer, How.FIXED, by)

    async def unassign(self, camera: str, by: str) -> Assignment:
        """*by* says that nobody wears *camera* any more; SetupError if nobody did."""
        name = named(by)
        async with self._turn:
            ended = await self.desk.tell(lambda journal: journal.unassign(camera, name))
            await self.take_up()
        if ended is None:
            raise SetupError(
                f"camera {camera} is assigned to nobody",
                advice="`evidock station assignments` shows who wears what.",
            )
        return ended

    async def issue(self, look: Look, officer: str, by: str, camera: str | None = None) -> Issue:
        """*officer* takes *camera*, or the next ready one of what stands here at that moment.

        NotHandedOut if there is none, or that one may not be taken yet.
        """
        self._must_be("pool")
        return await self._hand_out(look, officer, How.ISSUED, by, camera)

    async def tap(self, look: Look, badge: str) -> Issue:
        """The officer of *badge* takes a camera: their own, or the next ready one.

        NotHandedOut if the badge is nobody's, or no camera is ready.
        """
        self._must_be("badge")
        officer = await self.desk.ask(lambda journal: journal.officer_of(badge))
        if officer is None:
            raise NotHandedOut("this badge is nobody's", why="no-badge")
        return await self._hand_out(look, officer, How.BADGE, "badge", None)

    async def give_badge(self, number: str, officer: str, by: str) -> None:
        """*by* says that badge *number* is *officer*'s; SetupError for what are no numbers."""
        name = named(by)
        _must_be_number("--number", number)
        _must_be_number("--officer", officer)
        await self.desk.tell(lambda journal: journal.give_badge(number, officer, name))

    async def take_badge(self, number: str, by: str) -> None:
        """*by* says that badge *number* is nobody's any more; SetupError if it was nobody's."""
        name = named(by)
        if not await self.desk.tell(lambda journal: journal.take_badge(number, name)):
            raise SetupError("that badge is nobody's")

    async def _hand_out(
        self, look: Look, officer: str, how: How, by: str, camera: str | None
    ) -> Issue:
        _must_be_number("--officer", officer)
        async with self._turn:
            await self.take_up()
            cards = self.marked(look()).cards
            mine = [card for card in cards if card.worn_by == officer]
            chosen = _chosen(cards, mine, camera)
            held = self._standing.get(chosen.camera)
            if held is None:
                held = await self._write(chosen.camera, officer, how, by)
        here = {card.camera for card in cards if card.known}
        out = tuple(
            each.camera
            for each in self._standing.values()
            if each.officer == officer and each.how.ends_at_dock and each.camera not in here
        )
        return Issue(assignment=held, card=chosen, still_out=out)

    async def _write(self, camera: str, officer: str, how: How, by: str) -> Assignment:
        _must_be_number("--officer", officer)
        name = named(by)
        made = await self.desk.tell(lambda journal: journal.assign(camera, officer, how, name))
        await self.take_up()
        return made

    def _must_be(self, least: str) -> None:
        mode = self._settings.assignment
        if _MODES[mode] < _MODES[least]:
            raise SetupError(
                f"[station] assignment is {mode!r}, which does not allow this",
                advice=f"Set assignment = {least!r} in the settings and start the station again.",
            )


def is_ready(card: CardView) -> bool:
    """Whether *card*, which nobody was given, may be handed out."""
    return card.word is Word.SAFE and card.known and card.charged and card.called is None


def next_ready(cards: Iterable[CardView]) -> CardView | None:
    """Of *cards* that are ready, the fullest; of equals, the first on the rack."""
    ready = [card for card in cards if card.ready]
    return max(ready, key=lambda card: card.charge or 0, default=None)


def _chosen(cards: Sequence[CardView], mine: Sequence[CardView], camera: str | None) -> CardView:
    """The tile whose camera is taken; NotHandedOut, with why, if that cannot be."""
    if camera is None:
        own = next((card for card in mine if is_ready(card)), None)
        chosen = own or (None if mine else next_ready(cards))
        if chosen is not None:
            return chosen
        if mine:
            raise NotHandedOut("your camera may not be taken yet", why="not-yet")
        raise NotHandedOut("no camera here is ready", why="none-ready")
    here = [card for card in cards if card.known and card.camera == camera]
    if not here:
        raise NotHandedOut(f"camera {camera} is not docked here", why="elsewhere")
    if here[0] not in mine and here[0].worn_by:
        raise NotHandedOut(f"camera {camera} was given to somebody else", why="taken")
    if not is_ready(here[0]):
        problem = f"camera {camera} may not be taken yet: {_why_not(here[0])}"
        raise NotHandedOut(problem, why="not-yet")
    return here[0]


def _why_not(card: CardView) -> str:
    if card.word is not Word.SAFE:
        return f"its slot says {card.word.value!r}"
    if card.called is not None:
        return "a supervisor is called to it"
    return "its charge is not known to be enough"


def _must_be_number(option: str, text: str) -> None:
    if not is_number(text):
        raise SetupError(
            f"{option} is 1 to 64 letters, digits, dots, @, + or -, not {text!r}",
        )
