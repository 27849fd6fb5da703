"""The rules of a place, fixed before anyone enters: tasks, rubric, fees, payouts, time."""

from fraction.spaces.parse import parse_space
from fraction.spaces.space import Asset, Limits, Panel, Space, Tier, Timing
from fraction.spaces.task import Split, Task

__all__ = [
    "Asset",
    "Limits",
    "Panel",
    "Space",
    "Split",
    "Task",
    "Tier",
    "Timing",
    "parse_space",
]
