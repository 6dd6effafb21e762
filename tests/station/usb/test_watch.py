from __future__ import annotations

import asyncio
import errno
import os
import socket
from pathlib import Path

import pytest

from station.usb.bus import Bus
from station.usb.watch import changes, drain
from tests.station.usb.test_bus import plug

EVENT = Path("/sys/class/mem/null/uevent")
_UEVENTS = 15
"""NETLINK_KOBJECT_UEVENT, linux/netlink.h."""


async def test_a_device_whose_event_never_came_is_seen_all_the_same(tmp_path: Path) -> None:
    bus = Bus(devices=tmp_path / "devices")
    plug(bus, "1-1")
    news = changes(bus, every=0.02)
    async with asyncio.timeout(10):
        first = await anext(news)
        plug(bus, "1-2")
        second = await anext(news)
    await news.aclose()

    assert [each.port for each in first.came] == ["1-1"]
    assert [each.port for each in second.came] == ["1-2"]


@pytest.mark.skipif(not os.access(EVENT, os.W_OK), reason="needs root, to make events")
def test_so_many_events_that_some_are_lost_leave_nothing_behind() -> None:
    with socket.socket(socket.AF_NETLINK, socket.SOCK_DGRAM, _UEVENTS) as line:
        line.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 1)
        line.bind((0, 1))
        for _ in range(200):
            EVENT.write_text("change")
        line.settimeout(0)

        drain(line)

        assert line.getsockopt(socket.SOL_SOCKET, socket.SO_ERROR) == 0
        with pytest.raises(BlockingIOError) as caught:
            line.recv(1)
        assert caught.value.errno == errno.EAGAIN
