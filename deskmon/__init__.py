"""deskmon: a trading-desk monitor in the terminal."""

__version__ = "0.1.0"

api_version = 1
"""Version of `deskmon.api`: see docs/authors.md. A plug-in that asks for a newer one isn't loaded."""
