"""The model of a configured desk."""

from __future__ import annotations

from typing import Any

from msgspec.structs import replace

from deskmon.config.schema import Config
from deskmon.model import Model


def renewed(model: Model, before: Config, config: Config) -> Model:
    """The model as `config` wants it, after `before`: itself, with the pins of `config`, where nothing else differs;
    otherwise a new one that knows the same."""
    if _conventions(before) == _conventions(config):
        if before.levels.pins != config.levels.pins:
            model.levels.set_pins(config.levels.pins)
        return model
    fresh = new_model(config)
    fresh.apply(model.snapshot())
    for pin in model.levels.by_key:
        fresh.levels.pin(pin)
    return fresh


def _conventions(config: Config) -> tuple[Any, ...]:
    return config.model, config.waves, replace(config.levels, pins=())


def new_model(config: Config) -> Model:
    """A model that knows nothing yet, with the conventions that the config chose."""
    chosen = config.model
    return Model(
        depth_reference=chosen.depth_reference, big_trade_usd=chosen.big_trade_usd, waves=config.waves,
        levels=config.levels,
    )  # fmt: skip
