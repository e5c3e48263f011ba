"""What every figure is."""

from __future__ import annotations

import msgspec


class Figure(msgspec.Struct, kw_only=True, gc=False):
    """Base: plain data."""
