"""What a hub found for a screen of its own, as JSON in the reply: levels and figures of option chains.

The screen then needs no numpy, and finds nothing a second time.
"""

from __future__ import annotations

from functools import cache
from typing import Any

import msgspec

from deskmon.analytics.level_values import Map
from deskmon.model.figures import ChainFigures, StrikeFigure, TermStructure


class KnownChain(msgspec.Struct, frozen=True):
    """What a chain tells: a `Found` of `deskmon.model.option_chain`."""

    figures: ChainFigures
    strikes: list[StrikeFigure]


KINDS: dict[str, Any] = {"levels": Map, "chain": KnownChain, "hour": TermStructure}
"""By the first word of a finder's key: what is found."""


def as_text(found: Map | KnownChain | TermStructure) -> str:
    """What was found, as a reply says it."""
    return msgspec.json.encode(found, enc_hook=_plain).decode()


def of_text(kind: str, text: str) -> Any:
    """What a reply says that was found. Raises ValueError where it says something else."""
    return _decoder(kind).decode(text)


@cache
def _decoder(kind: str) -> msgspec.json.Decoder[Any]:
    return msgspec.json.Decoder(KINDS[kind])


def _plain(number: Any) -> float | int:
    """A number of numpy as one of Python."""
    plain: float | int = number.item()
    return plain
