"""A bar chart of a report, as SVG: one bar a comparison, with a line where ours equals the peer."""

from __future__ import annotations

from html import escape

from bench.report import Comparison, Report

_WIDTH, _ROW, _TOP = 760, 44, 40
_LEFT, _SCALE = 20, 300
"""Where bars begin, and how long one of ratio 1 is."""
_MOST = 2.3
"""Longer bars are cut here; the number beside them is not."""
_FONT = 'font-family="sans-serif" font-size="13"'
_FASTER, _SLOWER = "#2b8a5a", "#b5651d"


def chart(report: Report) -> str:
    """The SVG text."""
    height = _TOP + _ROW * len(report.comparisons) + 10
    bars = [_bar(each, _TOP + _ROW * row) for row, each in enumerate(report.comparisons)]
    even = _LEFT + _SCALE
    title = escape(f"bench.{report.bench}: time, ours over peer (line: equal)")
    return "\n".join(
        [
            f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {_WIDTH} {height}" {_FONT}>',
            f'<rect width="{_WIDTH}" height="{height}" fill="#fff"/>',
            f'<text x="{_LEFT}" y="20">{title}</text>',
            *bars,
            f'<path d="M{even} {_TOP - 8}V{height - 6}" stroke="#444" stroke-dasharray="4 3"/>',
            "</svg>\n",
        ]
    )


def _bar(each: Comparison, y: int) -> str:
    length = round(_SCALE * min(each.ratio, _MOST))
    colour = _FASTER if each.ratio <= 1 else _SLOWER
    label = escape(f"{each.case}, peer {each.peer_name}")
    return (
        f'<text x="{_LEFT}" y="{y + 12}" fill="#333">{label}</text>'
        f'<rect x="{_LEFT}" y="{y + 17}" width="{length}" height="14" fill="{colour}"/>'
        f'<text x="{_LEFT + length + 6}" y="{y + 29}">{each.ratio:.2f}</text>'
    )
