"""`python -m deskmon.http`: the server of one hub, which starts it and says in a frame what to serve."""

from __future__ import annotations

import asyncio
import gc
import logging
import os
import sys

import msgspec

from deskmon import plugins
from deskmon.errors import DeskError
from deskmon.http.serving import Setup, serve
from deskmon.hub.look_back import NICE
from deskmon.transport.child import first_frame


def main() -> int:
    """Serve the hub that started this process."""
    logging.basicConfig(level=logging.WARNING, stream=sys.stderr)
    gc.set_threshold(50_000, 20, 50)  # what a market is made of stays
    os.nice(NICE)
    try:
        setup = msgspec.json.decode(first_frame(), type=Setup)
        plugins.choose(msgspec.to_builtins(setup.config.plugins))
        asyncio.run(serve(setup))
    except DeskError as fault:
        logging.getLogger("deskmon.http").error("%s", fault)
        return fault.status
    return 0


if __name__ == "__main__":
    sys.exit(main())
