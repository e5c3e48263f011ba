"""The endpoint of a hub to a broker."""
