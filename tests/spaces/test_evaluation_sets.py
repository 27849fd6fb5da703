"""Every Space in which models judge ships entries of known quality, of every level, on tasks that nothing trains on."""

import pytest

from fraction.judging import Evaluator
from fraction.wiring.judging import known_entries
from fraction.wiring.platform import catalog

JUDGED = {str(s.id): s for s in catalog() if any(c.evaluator is Evaluator.MODEL for c in s.criteria)}


@pytest.mark.parametrize("name", JUDGED)
def test_a_judged_space_has_entries_good_and_bad_in_every_criterion(name: str) -> None:
    space, known = known_entries(name)
    criteria = {c.name for c in space.criteria if c.evaluator is Evaluator.MODEL}
    assert len(known) == 60
    assert len({entry.reply for entry in known}) > 50
    assert all(set(entry.levels) == criteria for entry in known)
    for criterion in criteria:
        levels = [entry.levels[criterion] for entry in known]
        assert all(0 <= level <= 9 for level in levels)
        assert sum(level >= 6 for level in levels) > 5 < sum(level <= 3 for level in levels)
