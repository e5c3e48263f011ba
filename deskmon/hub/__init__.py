"""The hub: supervises feeds and pumps the stream into model, journal and transports."""
