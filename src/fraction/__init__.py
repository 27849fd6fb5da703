"""Fraction: own AI agents, let them compete for entry fees, train them on the best of what was played."""

__version__ = "0.1.0"
