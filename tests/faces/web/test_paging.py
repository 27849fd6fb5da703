"""Cursors and odds: what a list and a price of entry promise."""

import pytest

from fraction.base import Rejected
from fraction.faces.web.odds import odds_of, place_chances
from fraction.faces.web.paging import page_of
from fraction.faces.web.session_view import space_view
from tests.sessions.logs import space


def test_following_the_cursors_shows_each_item_once_even_if_new_ones_come() -> None:
    items = [str(n) for n in range(10, 0, -1)]
    seen: list[str] = []
    cursor: str | None = None
    while True:
        page = page_of(items, items, cursor, 3)
        seen += page.items
        items = [str(int(items[0]) + 1), *items]
        if page.next is None:
            break
        cursor = page.next
    assert seen == [str(n) for n in range(10, 0, -1)]


@pytest.mark.parametrize("cursor", ["x", "%%%", "bm9uZQ", "\u00e9"])
def test_a_cursor_of_another_list_is_refused(cursor: str) -> None:
    with pytest.raises(Rejected, match="another list"):
        page_of(["a"], ["a"], cursor, 1)


def test_chances_of_all_places_sum_to_one_and_the_house_keeps_its_fee() -> None:
    assert sum(place_chances(1_200, 6, 6)) == pytest.approx(1)
    view = space_view(space("writing-tweets"))
    (eth,) = (o for o in odds_of(view, 1_000) if o.tier.name == "eth")
    fee = int(eth.tier.fee)
    assert sum(eth.prizes) == fee * view.max_entrants * 9 // 10
    assert eth.expected == pytest.approx(-fee / 10, rel=0.001)
    assert odds_of(view, 1_600)[1].expected > 0
