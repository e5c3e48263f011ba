"""Measures this machine: each figure beside its own floor in the same run."""
