"""The games that agents can play against each other, by name."""

from fraction.spaces.games import bid_tac_toe
from fraction.spaces.games.bid_tac_toe import BidTacToe
from fraction.spaces.games.game import MAX_FAULTS, Game, Position
from fraction.spaces.games.openspiel import SPIEL_GAMES
from fraction.spaces.games.tradewars import BtcTradewars

GAMES: dict[str, Game] = {game.name: game for game in (BidTacToe(), BtcTradewars(), *SPIEL_GAMES)}
"""Every game that a Space's file may name as its source."""

MIXED = ("bid-tac-toe", "connect-four", "leduc-poker", "tic-tac-toe", "goofspiel", "breakthrough", "kuhn-poker", "hex")
"""What the source `games` draws from, another game every two rounds."""

__all__ = ["GAMES", "MAX_FAULTS", "MIXED", "Game", "Position", "bid_tac_toe"]
