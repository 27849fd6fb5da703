"""Matches: seats are fair, luck is the same for all who have the seed, and no game breaks on what players say."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from fraction.base import Dice, NotFound
from fraction.spaces.games import GAMES, MIXED, Game
from fraction.spaces.matches import Match, follow, match_scores, matches_of, steps_of
from fraction.spaces.rounds import game_of

SEED = "ab" * 32
BID, WARS = GAMES["bid-tac-toe"], GAMES["btc-tradewars"]
QUICK = [game for game in GAMES.values() if game.name != "chess"]


def listed(prompt: str) -> list[str]:
    """Return the moves that a prompt of a listed-moves game offers, or one that fits the others."""
    line = prompt.splitlines()[-2]
    if line.startswith("Moves: "):
        return line.removeprefix("Moves: ").split(" | ")
    return ["hold", "buy 50", "sell 100"]


def play_out(game: Game, match: Match, seed: str, sloppy: frozenset[int] = frozenset()) -> dict[tuple[int, int], str]:
    """Return the replies of a whole match of random legal moves; the seats in `sloppy` write nonsense."""
    texts: dict[tuple[int, int], str] = {}
    dice = Dice(seed, "players")
    standing = follow(game, match, seed, lambda step, ticket: texts.get((step, ticket)))
    while not standing.over:
        for seat, ticket in standing.due():
            if game is BID:
                legal = [f"bid {dice.below(20)} cell {cell}" for cell in range(1, 10)]
                moves = [text for text in legal if standing.position.is_legal(seat, text)] or ["bid 0 cell 1"]
            else:
                moves = listed(standing.position.prompt(seat))
            texts[standing.step, ticket] = "I would rather not." if seat in sloppy else dice.choice(moves)
        standing = follow(game, match, seed, lambda step, ticket: texts.get((step, ticket)))
    return texts


@given(st.integers(2, 9), st.integers(0, 4))
def test_everybody_meets_everybody_once_a_round(entrants: int, number: int) -> None:
    matches = matches_of(BID, entrants, number, SEED)
    assert len({frozenset(m.tickets) for m in matches}) == len(matches) == entrants * (entrants - 1) // 2
    assert [m.index for m in matches] == list(range(len(matches)))


@given(st.integers(2, 9))
def test_seats_change_from_round_to_round(entrants: int) -> None:
    pairs = zip(matches_of(BID, entrants, 0, SEED), matches_of(BID, entrants, 1, SEED), strict=True)
    assert all(a.tickets == b.tickets[::-1] for a, b in pairs)


@given(st.integers(3, 9))
def test_at_larger_tables_everybody_sits_on_every_seat_once(entrants: int) -> None:
    matches = matches_of(WARS, entrants, 0, SEED)
    size = min(5, entrants)
    assert {len(set(m.tickets)) for m in matches} == {size}
    for seat in range(size):
        assert sorted(m.tickets[seat] for m in matches) == list(range(entrants))


@pytest.mark.parametrize("game", QUICK, ids=lambda game: game.name)
def test_a_match_ends_is_replayed_and_shares_no_more_than_there_is(game: Game) -> None:
    match = Match(0, 0, tuple(range(game.seats[1])))
    texts = play_out(game, match, SEED)
    end = follow(game, match, SEED, lambda step, ticket: texts.get((step, ticket)))
    steps = steps_of(game, match, SEED, lambda step, ticket: texts.get((step, ticket)))
    assert all(step.legal for step in steps)
    assert len(steps) == len(texts)
    assert all(0 <= score <= 10_000 for score in end.scores())
    assert len(set(end.scores())) > 1 or end.scores()[0] <= 5_000


@pytest.mark.parametrize("game", QUICK, ids=lambda game: game.name)
def test_two_illegal_moves_forfeit(game: Game) -> None:
    match = Match(0, 0, tuple(range(game.seats[1])))
    texts = play_out(game, match, SEED, frozenset({1}))
    steps = steps_of(game, match, SEED, lambda step, ticket: texts.get((step, ticket)))
    illegal = [step for step in steps if step.ticket == 1]
    scores = follow(game, match, SEED, lambda step, ticket: texts.get((step, ticket))).scores()
    assert len(illegal) <= 2
    assert scores[1] == 0 or len(illegal) < 2
    assert len(illegal) == 2 or game.name in ("kuhn-poker", "liars-dice", "leduc-poker")  # may end before


@pytest.mark.parametrize("name", ["leduc-poker", "kuhn-poker", "goofspiel", "btc-tradewars"])
def test_the_same_dice_deal_the_same_cards(name: str) -> None:
    game = GAMES[name]
    first = game.start(2, Dice(SEED, "deal"))
    again = game.start(2, Dice(SEED, "deal"))
    seat = first.to_move()[0]
    assert first.prompt(seat) == again.prompt(seat)
    others = {game.start(2, Dice(SEED, i)).prompt(seat) for i in range(20)}
    assert len(others) > 1


@pytest.mark.parametrize("name", ["leduc-poker", "kuhn-poker", "liars-dice"])
def test_a_prompt_does_not_show_the_others_cards(name: str) -> None:
    """Deals that differ in the other's card only look the same to the player who moves."""
    game = GAMES[name]
    views: dict[str, set[str]] = {}
    for i in range(120):
        position = game.start(2, Dice("deals", i))
        views.setdefault(position.prompt(0), set()).add(position.prompt(1))
    assert all(len(others) > 1 for others in views.values())


def test_no_trader_can_look_ahead() -> None:
    """The next price depends on dice that are rolled after the orders: one market, two continuations."""
    market = WARS.start(2, Dice(SEED))
    asked = market.prompt(0)
    nexts = {market.play({0: "hold", 1: "hold"}, Dice("tomorrow", i)).prompt(0) for i in range(10)}
    assert len(nexts) > 5
    assert market.prompt(0) == asked


@settings(max_examples=40, deadline=None)
@given(st.lists(st.sampled_from(["buy 100", "sell 100", "buy 33", "hold", "sell 1"]), min_size=8, max_size=8))
def test_traders_who_do_the_same_end_alike(orders: list[str]) -> None:
    market = WARS.start(3, Dice(SEED))
    for step, order in enumerate(orders):
        market = market.play(dict.fromkeys(range(3), order), Dice(SEED, step))
    assert market.scores() == (5_000, 5_000, 5_000)


def test_mixed_games_change_every_two_rounds_and_mirror() -> None:
    names = [game_of("games", SEED, number).name for number in range(2 * len(MIXED))]
    assert names[::2] == names[1::2]
    assert sorted(names[::2]) == sorted(MIXED)
    with pytest.raises(NotFound):
        game_of("tweets", SEED, 0)


@settings(max_examples=30, deadline=None)
@given(st.integers(2, 6), st.integers(0, 3), st.data())
def test_a_rounds_points_are_neither_lost_nor_invented(entrants: int, number: int, data: st.DataObject) -> None:
    said = st.sampled_from(["bid 0 cell 1", "bid 99 cell 2", "?"])
    ends = [
        follow(BID, match, SEED, lambda step, ticket: data.draw(said))
        for match in matches_of(BID, entrants, number, SEED)
    ]
    scores = match_scores(ends, entrants)
    won = sum(sum(end.scores()) for end in ends)
    assert won == 10_000 * len(ends)
    assert abs(sum(scores) - won // (entrants - 1)) < entrants


def test_a_match_stops_where_a_reply_is_missing() -> None:
    match = Match(0, 0, (4, 2))
    standing = follow(BID, match, SEED, lambda step, ticket: "bid 5 cell 1" if step == 0 else None)
    assert (standing.step, standing.over, standing.scores()) == (1, False, (0, 0))
    assert standing.due() == ((0, 4), (1, 2))
