"""Built-in feeds: found by entry point, importing `deskmon.api` only."""
