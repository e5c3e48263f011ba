"""Built-in feeds: found by entry point, importing `deskmon.feedkit`, `deskmon.events` and `deskmon.journal` only."""
