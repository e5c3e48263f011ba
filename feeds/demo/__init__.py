"""The desk that needs no network: `simulator` draws a market from a seed, `reconstructions` meet published figures."""

from deskmon.feeds.demo.feed import DemoFeed

__all__ = ["DemoFeed"]
