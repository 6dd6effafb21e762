"""The time a volume gives a file."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_OFFSET_KNOWN = 0x80
_QUARTER = timedelta(minutes=15)


def nanoseconds(date: int, time: int, *, hundredths: int = 0, zone: int = 0) -> int:
    """A DOS *date* and *time* as nanoseconds since 1970; 0 for a time that does not exist.

    *hundredths* are those of exFAT, up to 199; *zone* its offset from UTC in quarters of an hour
    (7 bits, signed), counted only if its highest bit is set.  FAT names no zone: its clock's
    reading is taken for UTC, as a claim that is only compared with itself.
    """
    try:
        read = datetime(
            1980 + (date >> 9),
            date >> 5 & 15,
            date & 31,
            time >> 11,
            time >> 5 & 63,
            (time & 31) * 2,
            tzinfo=UTC,
        )
    except ValueError:
        return 0
    read += timedelta(milliseconds=10 * min(hundredths, 199))
    if zone & _OFFSET_KNOWN:
        quarters = zone & 0x7F
        read -= _QUARTER * (quarters - 128 if quarters & 0x40 else quarters)
    whole = read - _EPOCH
    return (whole.days * 86_400 + whole.seconds) * 10**9 + whole.microseconds * 1000
