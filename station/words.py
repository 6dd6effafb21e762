"""What the board says, in the languages it speaks."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

from station.view import Word

LANGUAGES = ("en", "zh")

_EN = {
    Word.EMPTY: "Empty",
    Word.READING: "Reading",
    Word.COPYING: "Copying",
    Word.CHECKING: "Checking",
    Word.SAFE: "Safe to take",
    Word.CALL: "Do not remove - call supervisor",
    "title": "Camera station",
    "other": "中文",
    "officer": "Officer",
    "files": "Files",
    "left": "min left",
    "none": "No cameras docked. Put a camera on the dock: copying starts by itself.",
    "lost": "This page has lost the station. It looks for it again by itself.",
    "meaning": "“Safe to take” means: every file was copied to this station and read again. "
    "A file is removed from the camera only after the archive has proven that it holds it.",
    "archived": "in the archive",
    "released": "erased from cameras",
    "waiting": "waiting to be sent",
}
_ZH = {
    Word.EMPTY: "空",
    Word.READING: "读取中",
    Word.COPYING: "复制中",
    Word.CHECKING: "校验中",
    Word.SAFE: "可以取走",
    Word.CALL: "请勿取走，请联系主管",
    "title": "执法记录仪采集工作站",
    "other": "English",
    "officer": "警员",
    "files": "文件",
    "left": "分钟后完成",
    "none": "没有接入的记录仪。放入记录仪后会自动开始复制。",
    "lost": "页面与工作站的连接已断开，正在自动重连。",
    "meaning": "“可以取走”表示：所有文件已复制到本工作站并再次读取校验。"
    "只有在档案库证明已保存文件之后，才会从记录仪中删除该文件。",
    "archived": "已存入档案库",
    "released": "已从记录仪删除",
    "waiting": "等待上传",
}
TEXTS: Mapping[str, Mapping[str, str]] = MappingProxyType({"en": _EN, "zh": _ZH})
"""language -> key -> text; the words of a slot are keys themselves."""
