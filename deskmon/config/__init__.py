"""deskmon.toml: schema, loading, validation."""
