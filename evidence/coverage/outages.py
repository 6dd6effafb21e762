"""Why recorders may have been down: codes that agencies count by, each with its words.

As :mod:`evidence.coverage.excuses`: a code names a kind of reason, and nobody's name.
"""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum

OUTAGE_CODES: Mapping[str, tuple[str, str]] = {
    "power": ("Power failure", "停电"),
    "network": ("Network failure", "网络故障"),
    "recorder-broken": ("Recorder broken", "录像设备故障"),
    "camera-broken": ("Camera or microphone broken", "摄像头或拾音器故障"),
    "storage": ("Storage full or broken", "存储已满或损坏"),
    "maintenance": ("Maintenance", "检修维护"),
    "building": ("Building work", "场所施工"),
    "other": ("Something else, which the text tells", "其他原因，见说明"),
}
"""Code -> its words in English and in Chinese."""


class Down(StrEnum):
    """What is down."""

    AREA = "area"
    """Every recorder."""
    RECORDER = "recorder"
    """Every channel of one."""
    CHANNEL = "channel"
    """One channel, as ``recorder/channel``."""
