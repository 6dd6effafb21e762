import pytest

from evidence.rights import Action, Allowed, Denied, Object, Role, Subject, decide

WATCHERS = {Role.REVIEWER, Role.SUPERVISOR, Role.LEGAL}


@pytest.mark.parametrize("role", list(Role))
def test_only_roles_that_review_may_watch_anybodys_clip(role: Role) -> None:
    answer = decide(Subject(id="u-1", role=role), Action.WATCH_CLIP, Object(officer="031245"))

    assert isinstance(answer, Allowed) == (role in WATCHERS)


def test_an_officer_watches_their_own_clips_only() -> None:
    officer = Subject(id="u-1", role=Role.OFFICER, officer="031245")

    assert isinstance(decide(officer, Action.WATCH_CLIP, Object(officer="031245")), Allowed)
    assert isinstance(decide(officer, Action.WATCH_CLIP, Object(officer="031246")), Denied)
    assert isinstance(decide(officer, Action.WATCH_CLIP, Object()), Denied)


def test_an_administrator_has_no_view_of_footage() -> None:
    admin = Subject(id="u-1", role=Role.ADMIN)

    for action in (Action.LIST_CLIPS, Action.SEE_CLIP, Action.WATCH_CLIP):
        assert isinstance(decide(admin, action), Denied)


def test_every_answer_gives_its_reason() -> None:
    for role in Role:
        for action in Action:
            assert decide(Subject(id="u-1", role=role), action).reason
