"""A hub process with the tests' feeds on a broker: `child.py CONFIG_JSON URL`."""

from __future__ import annotations

import asyncio
import sys
from pathlib import Path

import msgspec

sys.path.insert(0, str(Path(__file__).parents[2]))

from deskmon.config.schema import Config
from deskmon.hub.server import serve
from tests.mqtt.desks import broker, load

if __name__ == "__main__":
    config = msgspec.json.decode(sys.argv[1], type=Config)
    sys.exit(asyncio.run(serve(config, mqtt=broker(sys.argv[2]), load=load)))
