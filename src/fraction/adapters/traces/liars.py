"""Trainers that cheat, each in its own way, for showing that one honest node is enough to refute them.

Every liar claims to have done the job it was given; nothing of this is reachable from outside.
"""

from collections.abc import Callable
from functools import partial

import numpy as np
from numpy.typing import NDArray

from fraction.adapters.traces.job import Job, State, carry_out, small_job
from fraction.base import NotFound
from fraction.verification.dispute import Evidence
from fraction.verification.program import Kind

Change = Callable[[NDArray[np.float32]], None]


def lie(name: str, job: Job) -> Evidence:
    """Return what the liar of that name claims of a `small_job`, and can show for it.

    Raises:
        NotFound: there is no such liar.
    """
    if name not in LIARS:
        raise NotFound(f"There is no liar called {name!r}; there are {', '.join(LIARS)}.")
    return LIARS[name](job)


def _other(job: Job, **what: str) -> Evidence:
    """Claim another training's states as those of `job`."""
    return carry_out(small_job(len(job.data), **what)).evidence(job)


def _fewer_steps(job: Job) -> Evidence:
    """Train two steps less, and repeat the last state."""
    kept: list[State] = []
    last = len(job.data) - 3

    def tamper(number: int, state: State) -> State:
        kept.append(state)
        return kept[last] if number > last else state

    return carry_out(job, tamper).evidence()


def _state(change: Change, step: int, tensor: int, job: Job) -> Evidence:
    """Change one tensor of the state after a step, and go on from there."""

    def tamper(number: int, state: State) -> State:
        if number == step % len(job.data):
            change(state[tensor])
        return state

    return carry_out(job, tamper).evidence()


def _operator(kind: Kind, job: Job) -> Evidence:
    """Change one number that an operator of this kind gives in the third step, and go on from there."""
    place = next(i for i, o in enumerate(job.program.operators) if o.kind is kind and o.columns > 3)

    def alter(step: int, operator: int, value: NDArray[np.float32]) -> None:
        if (step, operator) == (2, place):
            value[-1, 3] += np.float32(0.125)

    return carry_out(job, alter=alter).evidence()


def _flip_a_bit(tensor: NDArray[np.float32]) -> None:
    tensor.view(np.uint32)[0, 5] ^= 1


def _double(tensor: NDArray[np.float32]) -> None:
    tensor *= 2


def _erase(tensor: NDArray[np.float32]) -> None:
    tensor.fill(0.5)


LIARS: dict[str, Callable[[Job], Evidence]] = {
    "other-data": partial(_other, data="better data"),
    "other-base": partial(_other, base="another base"),
    "other-seed": partial(_other, seed="another seed"),
    "fewer-steps": _fewer_steps,
    "flipped-bit": partial(_state, _flip_a_bit, 3, 1),
    "moments": partial(_state, _double, 0, 7),
    "gradient": partial(_state, _erase, -1, 4),
    "product": partial(_operator, Kind.DOT),
    "softmax": partial(_operator, Kind.EXPONENTIAL),
    "division": partial(_operator, Kind.DIVIDE),
}
"""By name: what a node claims that lies in this way."""
