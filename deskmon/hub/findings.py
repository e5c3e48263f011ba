"""Finds for the hub's own screen what both would find alike: levels and figures of option chains."""

from __future__ import annotations

import logging

from deskmon.model import Model
from deskmon.model.option_chain import OptionChain
from deskmon.transport.findings import KnownChain, as_text
from deskmon.transport.requests import Find

log = logging.getLogger(__name__)


def found(request: Find, model: Model) -> str:
    """What `request` names, as JSON; "" where this market doesn't know it, or the search fails: the screen then
    searches itself, and its panel tells the fault."""
    try:
        return _found(request, model)
    except Exception as fault:
        log.error("can't find %s: %s", " ".join(request.what), fault, exc_info=fault)
        return ""


def _found(request: Find, model: Model) -> str:
    match request.what:
        case ("levels", symbol):
            levels = model.levels.map(symbol, request.at)
            return "" if levels is None else as_text(levels)
        case ("chain" | "hour" as kind, underlying, venue, quoted):
            chain = model.options.chain(underlying, venue, quoted)
            return "" if chain is None else _figures(chain, request.at) if kind == "chain" else _hour(chain, request.at)
    return ""


def _figures(chain: OptionChain, at: int) -> str:
    known = chain.analysis(at)
    return "" if known is None else as_text(KnownChain(known.figures, known.strikes))


def _hour(chain: OptionChain, at: int) -> str:
    past = chain.before(at)
    return "" if past is None or past.ts != at else as_text(past)
