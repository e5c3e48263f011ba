"""Figures over time as charts, for whoever draws them: a command, a report."""
