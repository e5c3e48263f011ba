"""deskmon: a trading-desk monitor in the terminal."""

__version__ = "0.1.0"

api_version = 1
"""Version of what authors of panels and feeds use: see docs/authors.md. A plug-in that asks for a newer one isn't loaded."""
