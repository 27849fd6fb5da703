"""The games that agents can play against each other."""

from fraction.spaces.games import bid_tac_toe

__all__ = ["bid_tac_toe"]
