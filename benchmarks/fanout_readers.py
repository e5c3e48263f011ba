"""Readers for `benchmarks.fanout`, many in a process: `benchmarks.fanout_readers URL COUNT`.

Each line on standard input asks for the bytes that each reader has taken, which leave as a JSON line.
"""

from __future__ import annotations

import asyncio
import sys

import msgspec

from deskmon.mqtt.client.topics import address

CHUNK = 256 * 1024


async def _socket(path: str, taken: list[int], place: int) -> None:
    reader, _ = await asyncio.open_unix_connection(path)
    while data := await reader.read(CHUNK):
        taken[place] += len(data)


async def _broker(url: str, taken: list[int], place: int) -> None:
    import aiomqtt

    at = address(url)
    async with aiomqtt.Client(at.host, at.port, max_queued_incoming_messages=10_000) as client:
        await client.subscribe(f"{at.base}/stream/+")
        async for message in client.messages:
            taken[place] += len(bytes(message.payload))


async def main(url: str, count: int) -> None:
    taken = [0] * count
    read = _socket if url.startswith("unix:") else _broker
    tasks = [asyncio.create_task(read(url.removeprefix("unix:"), taken, place)) for place in range(count)]
    while await asyncio.to_thread(sys.stdin.readline):
        print(msgspec.json.encode(taken).decode(), flush=True)
    for task in tasks:
        task.cancel()


if __name__ == "__main__":
    asyncio.run(main(sys.argv[1], int(sys.argv[2])))
