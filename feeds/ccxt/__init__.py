"""Any exchange of the ccxt package."""
