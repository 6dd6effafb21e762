"""The words of a clip's receipt: Chinese, then English.

One rule: they promise no more than a receipt proves.
"""

from __future__ import annotations

from collections.abc import Mapping

Said = tuple[str, str]

WORDS: Mapping[str, Said] = {
    "title": ("证据收据", "Receipt of evidence"),
    "clip": ("日志所记", "As the log has it"),
    "claims": ("摄像机所称（未经证明）", "As the camera claims (not proven)"),
    "log": ("日志中的位置", "Where it stands in the log"),
    "codes": ("收据与条目（二维码）", "Receipt and entry, as QR codes"),
    "check": ("不依赖我们的核验方法", "How to check it without us"),
    "id": ("片段编号", "Clip"),
    "size": ("字节数", "Bytes"),
    "sha256": ("SHA-256", "SHA-256"),
    "class": ("类别", "Class"),
    "archived": ("归档时间 (UTC)", "Archived (UTC)"),
    "encryption": ("静态加密", "At rest"),
    "station": ("工作站", "Station"),
    "act": ("工作站记录编号", "Number of the station's act"),
    "camera": ("摄像机", "Camera"),
    "name": ("文件名", "File name"),
    "officer": ("警员", "Officer"),
    "started": ("开始时间", "Began"),
    "index": ("日志序号（从 0 起）", "Index in the log (from 0)"),
    "origin": ("日志", "Log"),
    "tree": ("检查点条目数", "Entries under the checkpoint"),
    "root": ("检查点根哈希", "Root of the checkpoint"),
    "key": ("日志密钥（请自行取得完整密钥）", "Key of the log (get the whole one elsewhere)"),
    "witness": ("见证人，及其时钟的时间", "Cosigned by, by its own clock"),
}
TEXT: Mapping[str, Said] = {
    "about": (
        (
            "本页供人阅读，本身不证明任何事。证明在二维码和随附文件中："
            "上列条目确在日志内，其后任何改动都会被发现。它不说明条目内容是否属实。"
        ),
        (
            "This page is for people and proves nothing by itself. The proof is in the codes and in"
            " the files beside it: that the entry is in the log, so that a later change is found."
            " It does not say that what the entry says is true."
        ),
    ),
    "unseen": (
        "尚无见证人签名：目前仅凭日志密钥。",
        "No witness has cosigned it yet: it rests on the key of the log alone.",
    ),
    "check": (
        (
            "从日志方之外的来源取得日志和见证人的公钥，写入 policy 文件。"
            "扫描全部二维码，每行一个，存为 codes.txt，然后运行下列命令；"
            "第二条无需本软件即可还原条目和收据，核验步骤见 docs/verify-without-us.md。"
            "影像文件的 sha256sum 须与上列 SHA-256 相同。"
        ),
        (
            "Take the keys of log and witnesses from a source outside, in a policy file. Scan all"
            " codes, one a line, into codes.txt, and run these; the second gives entry and receipt"
            " without our software, and docs/verify-without-us.md says how to check them."
            " sha256sum of the footage must give the SHA-256 above."
        ),
    ),
}
