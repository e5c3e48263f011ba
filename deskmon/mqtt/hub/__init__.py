"""The door of a hub to a broker."""
