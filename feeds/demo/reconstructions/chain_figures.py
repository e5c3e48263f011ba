"""What the file of a day says of its options, and the chains that come of it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from random import Random
from typing import Literal

import msgspec

from deskmon.events import Option
from deskmon.feeds.demo.reconstructions.option_chains import Carry, Crowds, Listing, Surface, chains
from deskmon.feeds.demo.reconstructions.prices import Knot, Path


class Smiles(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A `Surface` by its ends: `level` as a share of DVOL, `front` and `slope` when calm and when stressed."""

    level: float
    front: tuple[float, float]
    slope: tuple[float, float]
    curve: float


class Forwards(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A `Carry` by its ends: `front` when calm and when stressed."""

    front: tuple[float, float]
    long: float


class Expiry(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """An expiry (ms), its share of open interest, and which strikes are listed."""

    at: int
    share: float
    strikes: Literal["near", "far"]


class Listed(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Strikes in USD (first, last, step), and open interest in coins."""

    near: tuple[int, int, int]
    far: tuple[int, int, int]
    held: float


class Crowd(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """(strike, weight) of those that hold more open interest than the rest."""

    put: list[tuple[float, float]]
    call: list[tuple[float, float]]


class ChainFigures(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Everything of the options of one day. stress: how far each figure has gone from calm to stressed, over time."""

    stress: list[Knot]
    surfaces: Mapping[str, Smiles]
    carry: Forwards
    expiries: list[Expiry]
    listings: Mapping[str, Listed]
    crowds: Mapping[str, Crowd]


def listed_chains(
    figures: ChainFigures, name: str, dvol: Sequence[Knot], path: Path, times: Iterable[int], rng: Random
) -> list[Option]:
    """Whole chains of an underlying at each of `times` (ms), around its `dvol`."""
    smiles, stress = figures.surfaces[name], figures.stress
    carry = Carry(_between(stress, *figures.carry.front), figures.carry.long)
    level = [(ts, smiles.level * value) for ts, value in dvol]
    surface = Surface(level, _between(stress, *smiles.front), _between(stress, *smiles.slope), smiles.curve)
    return chains(name, path, surface, _listings(figures, name), carry, _crowds(figures, name), times, rng)


def _between(stress: Sequence[Knot], calm: float, stressed: float) -> list[Knot]:
    return [(ts, calm + (stressed - calm) * share) for ts, share in stress]


def _listings(figures: ChainFigures, name: str) -> list[Listing]:
    listed = figures.listings[name]
    ranges = {"near": listed.near, "far": listed.far}
    found = []
    for expiry in figures.expiries:
        first, last, step = ranges[expiry.strikes]
        found.append(Listing(expiry.at, tuple(map(float, range(first, last + 1, step))), expiry.share * listed.held))
    return found


def _crowds(figures: ChainFigures, name: str) -> Crowds:
    crowd = figures.crowds[name]
    puts: Crowds = {("put", strike): weight for strike, weight in crowd.put}
    return {**puts, **{("call", strike): weight for strike, weight in crowd.call}}
