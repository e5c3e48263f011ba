"""A hub process with the tests' feeds: `child.py CONFIG_JSON [LISTEN]`, without LISTEN on its standard streams."""

from __future__ import annotations

import asyncio
import sys
from pathlib import Path

import msgspec

sys.path.insert(0, str(Path(__file__).parents[2]))

from deskmon.config.schema import Config
from deskmon.hub.server import serve
from tests.hub.market import load

if __name__ == "__main__":
    listen = sys.argv[2] if len(sys.argv) > 2 else None
    config = msgspec.json.decode(sys.argv[1], type=Config)
    sys.exit(asyncio.run(serve(config, listen=listen, stdio=listen is None, load=load)))
