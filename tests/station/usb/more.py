"""What a profile may add for a camera that tells its clock and firmware, too."""

from __future__ import annotations

MORE = """
[[verbs.read_clock]]
send = "A1B2C3D400 E10042 00 {_:u8}"
answer = '''{_:ascii*6} 80 {_:u16be}
    {year:u16be} {month:u8} {day:u8} {hour:u8} {minute:u8} {second:u8}'''

[[verbs.firmware]]
send = "A1B2C3D400 E10071 00 {_:u8}"
answer = "{_:ascii*6} 80 {_:u16be} {version:ascii*16}"
"""
"""What a profile may add for a camera of the first family that tells its clock and firmware too."""
