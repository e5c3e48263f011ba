"""deskmon.toml: schema, loading, validation."""

from deskmon.config.loading import ConfigReport, Loaded, examine, load

__all__ = ["ConfigReport", "Loaded", "examine", "load"]
