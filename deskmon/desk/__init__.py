"""The desk: pages, panels, keys and the app that shows them."""
