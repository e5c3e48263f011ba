"""Large blocks that were let go are the system's again, whatever a process held before."""

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


def mapped_by_itself(way: str) -> int:
    """How many blocks a block of twice the limit adds to those that are mapped, after one of 20 MB was let go."""
    done = subprocess.run([sys.executable, "-c", BLOCKS, way], capture_output=True, text=True, check=True)
    return int(done.stdout)


@pytest.mark.skipif(not hasattr(ctypes.CDLL(None), "mallinfo2"), reason="another C library than glibc from 2.33 on")
def test_a_large_block_is_mapped_by_itself_after_a_larger_one_too():
    assert (mapped_by_itself("as it is"), mapped_by_itself("given back")) == (0, 1)
