"""Any exchange of the ccxt package as a feed of the desk."""

from deskmon.feeds.ccxt.feed import CcxtFeed

__all__ = ["CcxtFeed"]
