"""Publishes as fast as it is told to: `benchmarks.pour PORT TOPIC RATE SECONDS [PAYLOAD]`, on loopback, QoS 0.

A socket and packets made beforehand: a library would be slower than what it is to test. Prints how many it sent.
"""

from __future__ import annotations

import socket
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager

SLICE_S = 0.01


@contextmanager
def publisher(port: int, name: str) -> Iterator[socket.socket]:
    """A client of a broker that only publishes (MQTT 3.1.1)."""
    inside = b"\x00\x04MQTT\x04\x02\x00\x00" + len(name).to_bytes(2, "big") + name.encode()
    with socket.create_connection(("127.0.0.1", port), timeout=30.0) as sock:
        sock.sendall(bytes([0x10, len(inside)]) + inside)
        if sock.recv(4) != b"\x20\x02\x00\x00":
            raise SystemExit("the broker refuses the one who pours")
        yield sock


def message(topic: str, payload: bytes) -> bytes:
    """A packet that publishes `payload`; both are short."""
    inside = len(topic).to_bytes(2, "big") + topic.encode() + payload
    if len(inside) > 0x7F:
        raise ValueError("too long for one digit of a length")
    return bytes([0x30, len(inside)]) + inside


def pour(port: int, topic: str, rate: int, seconds: float, payload: bytes = b"{}") -> int:
    """Publish `rate` messages a second, fewer where the broker takes them slower; how many were sent."""
    packet = message(topic, payload)
    sent, begun = 0, time.monotonic()
    with publisher(port, topic.rpartition("/")[2]) as sock:
        while (passed := time.monotonic() - begun) < seconds:
            due = int(passed * rate) - sent
            if due > 0:
                count = min(due, 5_000)
                sock.sendall(packet * count)
                sent += count
            time.sleep(SLICE_S if due < rate * SLICE_S else 0)
    return sent


if __name__ == "__main__":
    port, topic, rate, seconds, *payload = sys.argv[1:]
    print(pour(int(port), topic, int(rate), float(seconds), *(text.encode() for text in payload)), flush=True)
