"""`python -m deskmon.http`: the server of one hub, which starts it and says in a frame what to serve."""

from __future__ import annotations

import asyncio
import logging
import sys

import msgspec

from deskmon import plugins
from deskmon.allocator import give_large_blocks_back
from deskmon.garbage import keep_collections_short
from deskmon.http.serving import Setup, serve
from deskmon.hub.look_back import NICE
from deskmon.transport.child import work_for_parent


def main() -> int:
    """Serve the hub that started this process."""
    logging.basicConfig(level=logging.WARNING, stream=sys.stderr)
    keep_collections_short()
    give_large_blocks_back()
    return work_for_parent(Setup, _serve, NICE)


def _serve(setup: Setup) -> None:
    plugins.choose(msgspec.to_builtins(setup.config.plugins))
    asyncio.run(serve(setup))


if __name__ == "__main__":
    sys.exit(main())
