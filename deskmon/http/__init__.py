"""A hub's figures for other programs, by HTTP: a process of its own that follows the hub as a screen does.

Whatever its clients do, the hub has one reader more and nothing else. It is read-only.
"""
