"""What lies in a package beside the evidence: how to verify it, in words and as a page.

One rule: nothing of it is believed; whoever can, takes the page from a source of their own.
"""

from __future__ import annotations

from collections.abc import Mapping

from archive.export.order import Words
from evidence.package import HTML
from player.languages import LANGUAGES, language

README = "README.txt"
_TEXT = """\
This is an evidence package: a BagIt folder (RFC 8493).  It proves itself by what YOU bring along.

1. Are the files whole?        sha256sum -c manifest-sha256.txt
2. Are they what was logged?   evidock verify FOLDER --policy FILE
                               {page}
The policy FILE names the keys that you trust: get it from the agency's publication or a witness,
never from this folder.  What the package claims to hold is in data/statement.json; the formats and
the numbered steps of verification are in docs/packages.md of the Evidock project.

本文件夹是一个证据包（BagIt，RFC 8493）。其真实性由您自备的信任依据来验证。

1. 文件是否完整？              sha256sum -c manifest-sha256.txt
2. 是否与日志记录一致？        evidock verify 文件夹 --policy 文件
                               {page_zh}
策略文件列出您信任的公钥：请从机关的公开渠道或见证方取得，切勿取自本文件夹。
证据包声明包含的内容见 data/statement.json；格式与各验证步骤见 Evidock 项目的 docs/packages.md。
"""


def enclosed(page: bytes | None = None) -> Mapping[str, bytes]:
    """The files beside ``bagit.txt``; *page* verifies the package in a browser, if there is one."""
    text = _TEXT.format(
        page="or open verify.html in a browser" if page else "",
        page_zh="或在浏览器中打开 verify.html" if page else "",
    )
    files = {README: text.encode("utf-8")}
    return files if page is None else files | {HTML: page}


def words() -> tuple[Words, ...]:
    """The languages of the pages for people: the player's own words."""
    spoken = (language(code) for code in sorted(LANGUAGES, reverse=True))
    return tuple(
        Words(
            code=each.code,
            acts=each.family("act"),
            classes=each.family("class"),
            came=each.family("came"),
        )
        for each in spoken
    )
