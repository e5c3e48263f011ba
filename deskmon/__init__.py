"""deskmon: a trading-desk monitor in the terminal."""

__version__ = "0.1.0"
