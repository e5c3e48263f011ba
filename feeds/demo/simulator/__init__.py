"""A simulated market: five assets on five venues that move together, without end, the same for the same seed.

world: what there is to trade and where · script: how the mood changes · ladder: where leverage would be closed by force
market: prices, forced closes, liquidity · quotes, flow, options: the market as events · feeds: what the venues' feeds
say of themselves · history: the week before · timeline: all of it in order of arrival.
"""

from deskmon.feeds.demo.simulator.timeline import DemoTimeline

__all__ = ["DemoTimeline"]
