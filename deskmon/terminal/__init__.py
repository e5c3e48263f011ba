"""The terminal: what it can show, what it shows, and the fewest bytes from the one to the other. Knows no desk."""
