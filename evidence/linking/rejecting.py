"""Why a clip does not belong to an incident: codes that agencies count by, each with its words.

A code is data: it names a kind of mistake, nobody's name and no place, so it may stand in the log.
"""

from __future__ import annotations

from collections.abc import Mapping

WHY_NOT: Mapping[str, tuple[str, str]] = {
    "other-event": ("It shows another event", "属于其他警情"),
    "other-officer": ("The officer was not at this event", "该民警未到此警情现场"),
    "clock-off": ("The camera's clock is wrong", "记录仪时钟有误"),
    "camera-mistaken": ("The camera was somebody else's then", "记录仪当时由他人使用"),
    "nothing-of-it": (
        "Recorded meanwhile, but shows nothing of it",
        "期间录制，但内容与此警情无关",
    ),
    "test": ("A test, or recorded by accident", "测试或误录"),
    "told-wrong": ("The dispatch system is wrong about it", "接处警数据有误"),
    "other": ("Something else", "其他原因"),
}
"""Code -> its words in English and in Chinese."""
