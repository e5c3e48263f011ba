"""Pieces of tables that several panels show: the same figure looks the same everywhere."""
