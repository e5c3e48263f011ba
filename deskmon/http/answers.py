"""What is answered, made of a model: the same for now, and in a look-back's process for what was."""

from __future__ import annotations

import msgspec

from deskmon.config.schema import Config
from deskmon.http.requests import Ask, FigureAsk, StateAsk
from deskmon.model import Model
from deskmon.model.figure_path import parse
from deskmon.model.provenance import read_figure


def answer(ask: Ask, model: Model, config: Config, now: int) -> bytes:
    """The body of the answer at desk time `now` (ms). Raises UsageError for what is no figure or can't be shown."""
    if isinstance(ask, StateAsk):
        return json({path.text: path.read(model, now) for path in ask.paths()})
    if isinstance(ask, FigureAsk):
        return json(read_figure(parse(ask.figure), model, now))
    from deskmon.desk.snapshot import render  # most servers draw nothing

    return render(
        model, config, now=now, size=ask.size, layout=ask.layout, panel=ask.panel, format="svg"
    ).encode()  # fmt: skip


def json(value: object) -> bytes:
    """JSON with a line feed behind it, for those who read it in a terminal."""
    return msgspec.json.encode(value) + b"\n"
