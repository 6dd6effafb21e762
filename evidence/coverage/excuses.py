"""Why there may be no recording: codes that agencies count by, each with its words.

A code is data: it names a kind of reason, nobody's name and no place.  What happened is told beside
it in words, which the log only commits to.
"""

from __future__ import annotations

from collections.abc import Mapping

CODES: Mapping[str, tuple[str, str]] = {
    "camera-broken": ("Camera broken, or it did not record", "设备故障或未能录制"),
    "battery": ("Battery empty", "电量耗尽"),
    "storage-full": ("Card full", "存储已满"),
    "not-issued": ("No camera was issued", "未配发设备"),
    "lost": ("Camera lost or taken away", "设备遗失或被抢夺"),
    "covert": ("Covert work", "便衣或隐蔽工作"),
    "medical": ("Medical treatment", "医疗救治"),
    "privacy": ("Privacy of a victim, a child or a home", "涉及受害人、未成年人或住所隐私"),
    "secret": ("State secret or secret investigation", "涉及国家秘密或侦查秘密"),
    "danger": ("Recording would have been dangerous", "录制会危及安全"),
    "not-on-scene": ("Never got there: called off, or sent elsewhere", "未到现场：撤销或改派"),
    "no-contact": ("Nothing to record: no contact with anybody", "未与任何人接触，无需录制"),
    "other-recorder": ("Recorded by other means, which the text names", "由其他设备记录，见说明"),
    "data-error": ("The dispatch system is wrong about it", "接处警数据有误"),
    "other": ("Something else, which the text tells", "其他原因，见说明"),
}
"""Code -> its words in English and in Chinese."""
