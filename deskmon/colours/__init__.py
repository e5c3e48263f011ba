"""Colours: themes, and how they look in as many colours as a terminal has."""
