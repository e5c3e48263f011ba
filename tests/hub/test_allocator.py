"""What was let go is the system's again: large blocks whatever a process held before, and pages between others."""

from __future__ import annotations

import ctypes
import subprocess
import sys

import pytest

BLOCKS = """
import ctypes, sys
from deskmon.allocator import LARGE, give_large_blocks_back

class Info(ctypes.Structure):
    _fields_ = [(name, ctypes.c_size_t) for name in
                ("arena", "ordblks", "smblks", "hblks", "hblkhd", "usmblks", "fsmblks", "uordblks", "fordblks", "top")]

mallinfo = ctypes.CDLL(None).mallinfo2
mallinfo.restype = Info
if sys.argv[1] == "given back":
    give_large_blocks_back()
del (held := [bytearray(20_000_000)])[0]
before = mallinfo().hblks
held = bytearray(2 * LARGE)
print(mallinfo().hblks - before)
"""

PAGES = """
import asyncio
from deskmon import allocator
from deskmon.hub.memory import resident_mb

allocator.TRIM_S = 0.0

async def turns():
    giving = asyncio.create_task(allocator.give_free_pages_back())
    for _ in range(10):
        await asyncio.sleep(0)
    giving.cancel()

held = [bytearray(50_000 if number % 2 else 600) for number in range(1_000)]
del held[1::2]
before = resident_mb()
asyncio.run(turns())
print(before - resident_mb())
"""


pytestmark = pytest.mark.skipif(
    not hasattr(ctypes.CDLL(None), "mallinfo2"), reason="another C library than glibc from 2.33 on"
)


def printed(code: str, *args: str) -> float:
    """The number that a program prints."""
    return float(subprocess.run([sys.executable, "-c", code, *args], capture_output=True, text=True, check=True).stdout)


def mapped_by_itself(way: str) -> float:
    """How many blocks a block of twice the limit adds to those that are mapped, after one of 20 MB was let go."""
    return printed(BLOCKS, way)


def test_a_large_block_is_mapped_by_itself_after_a_larger_one_too():
    assert (mapped_by_itself("as it is"), mapped_by_itself("given back")) == (0, 1)


def test_pages_between_blocks_that_are_held_are_given_back():
    assert printed(PAGES) > 15, "of 25 MB that were let go"
