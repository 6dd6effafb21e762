"""``python -m tests.station.port.scene IMAGE ORDERS``: a station that reads a card that hangs.

Says the number of its port's process, and waits for ever.
"""

from __future__ import annotations

import os
import sys
from pathlib import Path

from station.port.process import PortProcess
from tests.station.port.sick import Sick

if __name__ == "__main__":
    sick = Sick(image=Path(sys.argv[1]), orders=Path(sys.argv[2]))
    process = PortProcess("USB port 1-1")
    card = process.open(sick.open)
    sick.order("hang")
    os.write(1, b"%d\n" % process.pid)
    card.listing()
