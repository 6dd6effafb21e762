from datetime import UTC, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from evidence.retention import LawPack, at_intake, intake_lease

EPOCH = datetime(2000, 1, 1, tzinfo=UTC)
moments = st.timedeltas(timedelta(0), timedelta(days=36_500)).map(lambda passed: EPOCH + passed)


@given(moments, st.integers(0, 4000))
def test_the_lease_covers_the_retention_and_is_never_short_of_thirty_days(
    received: datetime, days: int
) -> None:
    retention = at_intake(received, LawPack(name="x", floor=timedelta(days=days)))

    lease = intake_lease(received, retention)

    assert lease >= retention.until
    assert lease >= received + timedelta(days=max(days, 30))
    assert lease.microsecond == 0


def test_the_rule_is_named() -> None:
    retention = at_intake(
        datetime(2026, 1, 1, tzinfo=UTC), LawPack(name="cn", floor=timedelta(days=180))
    )

    assert (retention.rule, retention.until.date().isoformat()) == ("cn:unclassified", "2026-06-30")
