"""The model of a configured desk."""

from __future__ import annotations

from typing import Any

from msgspec.structs import replace

from deskmon.config.schema import Config
from deskmon.model import Model
from deskmon.model.finder import Finder


def renewed(model: Model, before: Config, config: Config) -> Model:
    """The model as `config` wants it, after `before`: itself, where its conventions are the same; otherwise a new one
    that knows the same."""
    if conventions(before) == conventions(config):
        return model
    fresh = new_model(config, model.finder)
    fresh.apply(model.snapshot())
    return fresh


def conventions(config: Config) -> tuple[Any, ...]:
    """What the configuration says of figures."""
    return config.model, config.waves, replace(config.levels, pins=())


def new_model(config: Config, finder: Finder | None = None) -> Model:
    """A model that knows nothing yet, with the conventions that the config chose; see `Model` for `finder`."""
    chosen = config.model
    return Model(
        depth_reference=chosen.depth_reference, depth_since=chosen.depth_since, big_trade_usd=chosen.big_trade_usd,
        waves=config.waves, levels=config.levels, finder=finder,
    )  # fmt: skip
