"""deskmon: a trading-desk monitor in the terminal."""

__version__ = "0.1.0"

api_version = 1
"""Version of `deskmon.api` and `deskmon.feedkit`: a plug-in that needs a newer one isn't loaded."""
