"""Memory that was let go is the system's again: large blocks at once, pages between smaller ones from time to time."""

from __future__ import annotations

import asyncio
import sys
from collections.abc import Callable

LARGE = 128 * 1024
"""Bytes from which on a block is mapped by itself."""
TRIM_S = 15.0
"""Seconds between two looks for free pages: one takes a millisecond in a hub, some in one of hundreds of MB."""
_M_MMAP_THRESHOLD, _M_ARENA_MAX = -3, -8  # of glibc's malloc.h


def give_large_blocks_back() -> None:
    """From here on have glibc map each block of `LARGE` bytes or more by itself, and keep one heap for all threads that
    have none yet. Another C library stays as it is.

    glibc begins so, but raises the limit, up to 32 MB, to the largest block that was let go. Columns of a market that
    grow, and copies for a checkpoint, then leave holes in its heap, which stay this process's own. A heap for each
    thread has holes of its own, and saves nothing where one thread runs at a time.
    """
    set_option = _of_glibc("mallopt")
    if set_option is not None:
        set_option(_M_MMAP_THRESHOLD, LARGE)
        set_option(_M_ARENA_MAX, 1)


async def give_free_pages_back() -> None:
    """Until cancelled, have glibc give back pages of its heap on which nothing is. By itself it gives back those at the
    end alone, and something is always there."""
    await asyncio.sleep(TRIM_S)  # first: a screen's first frame needs no library for it
    trim = _of_glibc("malloc_trim")
    while trim is not None:
        trim(0)
        await asyncio.sleep(TRIM_S)


def _of_glibc(name: str) -> Callable[..., int] | None:
    if not sys.platform.startswith("linux"):
        return None
    import ctypes  # after a screen's first frame

    found: Callable[..., int] | None = getattr(ctypes.CDLL(None), name, None)
    return found
