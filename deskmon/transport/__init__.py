"""How a stream travels from a hub to a screen."""
