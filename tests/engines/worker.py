"""An archive worker of several: all that ``evidock up`` runs, in a process of its own.

``python -m tests.engines.worker HOME``.  Once it is in office it says where its archive answers,
and a code that one station may enrol with: one line of JSON.  It ends as the command does.
"""

from __future__ import annotations

import asyncio
import json
import logging
import sys
from pathlib import Path

from evidence import durable
from evidence.clock import SystemClock
from evidence.errors import EvidenceError
from evidock.cards import Cards
from evidock.home import Home
from evidock.running import running
from evidock.stopping import either, stop_signal


async def main(home: Home) -> int:
    with home.locked():
        home.prepare()
        durable.make_folder(home.docks)
        async with stop_signal() as stopped:
            try:
                await either(stopped, work(home))
            except EvidenceError as error:
                logging.getLogger(__name__).exception("ended")
                return error.exit_code
    return 0


async def work(home: Home) -> None:
    cards = Cards(root=home.docks, may_erase=lambda _folder: False)
    async with running(home, cards, SystemClock()) as whole:
        code = await whole.archive.enrolment_code("the station of the drill")
        sys.stdout.write(json.dumps({"archive": whole.archive_url, "code": code}) + "\n")
        sys.stdout.flush()
        await whole.wait_ended()


if __name__ == "__main__":
    logging.basicConfig(level=logging.INFO, format="%(asctime)s %(name)s %(message)s")
    sys.exit(asyncio.run(main(Home(Path(sys.argv[1])))))
