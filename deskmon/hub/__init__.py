"""The hub: supervises feeds and pumps the stream into model, journal and transports."""

from deskmon.hub.server import serve

__all__ = ["serve"]
