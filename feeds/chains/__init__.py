"""Feeds of whole option chains: Deribit with its volatility index, and the chains of Bybit and OKX."""
