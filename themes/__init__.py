"""Themes: one TOML file each, found by entry point."""
