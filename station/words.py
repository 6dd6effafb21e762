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
    Word.CALL: "Do not remove",
    "title": "Camera station",
    "other": "中文",
    "officer": "Officer",
    "files": "Files",
    "left": "min left",
    "none": "No cameras docked. Put a camera on the dock: copying starts by itself.",
    "lost": "This page has lost the station. What it showed may be out of date: do not rely on it. "
    "It looks for the station again by itself.",
    "meaning": "“Safe to take” means: every file was copied to this station and read again. "
    "A file is removed from the camera only after the archive has proven that it holds it.",
    "supervisor": "call supervisor",
    "call-here": "Call supervisor to this slot",
    "call-station": "Call supervisor",
    "called": "Supervisor called",
    "not-called": "Not recorded, so nobody was called:",
    "close": "Close",
    "detail": "Details",
    "receipt": "Receipt of this docking: every clip is in the archive. Photograph it to keep it.",
    "important": "important",
    "cleared": "Cleared",
    "cleared-means": "“Cleared”: the card lists no file any more. "
    "What this station removed from it is proven to be in the archive.",
    "battery": "Battery",
    "clock": "Clock",
    "proven-none": "unproven profile",
    "proven-log": "log-proven profile",
    "proven-hardware": "hardware-proven profile",
    "unsigned": "unsigned",
    "signed-by": "signed by",
    "more-problems": "more: evidock station status shows all",
    "archived": "in the archive",
    "released": "erased from cameras",
    "waiting": "waiting to be sent",
    "sends-at": "goes on at",
    "waits": "waiting for the archive",
    "lasts": "without the archive the disk lasts",
    "days": "days",
}
_ZH = {
    Word.EMPTY: "空",
    Word.READING: "读取中",
    Word.COPYING: "复制中",
    Word.CHECKING: "校验中",
    Word.SAFE: "可以取走",
    Word.CALL: "请勿取走",
    "title": "执法记录仪采集工作站",
    "other": "English",
    "officer": "警员",
    "files": "文件",
    "left": "分钟后完成",
    "none": "没有接入的记录仪。放入记录仪后会自动开始复制。",
    "lost": "页面与工作站的连接已断开，之前显示的内容可能已过时，请勿以此为准。正在自动重连。",
    "meaning": "“可以取走”表示：所有文件已复制到本工作站并再次读取校验。"
    "只有在档案库证明已保存文件之后，才会从记录仪中删除该文件。",
    "supervisor": "请联系主管",
    "call-here": "呼叫主管到此槽位",
    "call-station": "呼叫主管",
    "called": "已呼叫主管",
    "not-called": "呼叫未能记录，尚未通知任何人：",
    "close": "关闭",
    "detail": "详情",
    "receipt": "本次采集回执：全部文件已存入档案库。请拍照留存。",
    "important": "个重要文件",
    "cleared": "已清空",
    "cleared-means": "“已清空”表示：存储卡上已无文件；本工作站从中删除的内容均已证明存入档案库。",
    "battery": "电量",
    "clock": "时钟",
    "proven-none": "配置未验证",
    "proven-log": "配置经日志验证",
    "proven-hardware": "配置经真机验证",
    "unsigned": "未签名",
    "signed-by": "签名者",
    "more-problems": "个其他问题：见 evidock station status",
    "archived": "已存入档案库",
    "released": "已从记录仪删除",
    "waiting": "等待上传",
    "sends-at": "恢复上传时间",
    "waits": "等待档案库确认",
    "lasts": "若与档案库断开，磁盘可用",
    "days": "天",
}
TEXTS: Mapping[str, Mapping[str, str]] = MappingProxyType({"en": _EN, "zh": _ZH})
"""language -> key -> text; the words of a slot are keys themselves."""
