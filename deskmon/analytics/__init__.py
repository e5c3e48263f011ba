"""Pure functions over numpy arrays."""
