"""deskmon.toml: schema, loading, validation."""

from deskmon.config.loading import Loaded, Report, examine, load

__all__ = ["Loaded", "Report", "examine", "load"]
