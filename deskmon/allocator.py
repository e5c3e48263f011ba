"""Memory of large blocks is the system's again once they are let go."""

from __future__ import annotations

import sys

LARGE = 128 * 1024
"""Bytes from which on a block is mapped by itself."""
_M_MMAP_THRESHOLD = -3  # of glibc's malloc.h


def give_large_blocks_back() -> None:
    """From here on have glibc map each block of `LARGE` bytes or more by itself. Another C library stays as it is.

    glibc begins so, but raises the limit, up to 32 MB, to the largest block that was let go. Columns of a market that
    grow, and copies for a checkpoint, then leave holes in its heap, which stay this process's own.
    """
    if not sys.platform.startswith("linux"):
        return
    import ctypes  # a screen needs it after its first frame alone

    set_option = getattr(ctypes.CDLL(None), "mallopt", None)
    if set_option is not None:
        set_option(_M_MMAP_THRESHOLD, LARGE)
