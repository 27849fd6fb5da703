"""How good it was: rubrics, the question to a judge, its answer, and what a panel says together."""

from fraction.judging.panel import deviation, lower_median
from fraction.judging.rating import Rating, fit_ratings, rank
from fraction.judging.rubric import Criterion, Evaluator, weighted_score
from fraction.judging.sheet import Mark, Sheet, entry_scores

__all__ = [
    "Criterion",
    "Evaluator",
    "Mark",
    "Rating",
    "Sheet",
    "deviation",
    "entry_scores",
    "fit_ratings",
    "lower_median",
    "rank",
    "weighted_score",
]
