"""The only floor that imports textual."""
