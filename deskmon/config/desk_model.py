"""The model of a configured desk."""

from __future__ import annotations

from deskmon.config.schema import Config
from deskmon.model import Model


def new_model(config: Config) -> Model:
    """A model that knows nothing yet, with the conventions that the config chose."""
    chosen = config.model
    return Model(
        depth_reference=chosen.depth_reference, big_trade_usd=chosen.big_trade_usd, waves=config.waves,
        levels=config.levels,
    )  # fmt: skip
