"""The context of a market: what public sources outside exchanges tell of it."""

from deskmon.feeds.context.feed import ContextFeed

__all__ = ["ContextFeed"]
