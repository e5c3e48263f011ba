"""The hub: supervises feeds and pumps the stream into model, journal and transports. Empty, so that the process of a
feed imports of it no more than it needs."""
