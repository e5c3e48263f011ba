"""Built-in panels: one file each, found by entry point, importing `deskmon.api` only."""
