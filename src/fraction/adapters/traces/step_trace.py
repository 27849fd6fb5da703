"""A step's values without holding them: each is computed, hashed and forgotten; the few that are asked for, again."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from fraction.adapters.traces.evaluate import Known, Matrix, apply_finite, matrix_root, row_bytes
from fraction.verification.dispute import Trace
from fraction.verification.program import Program, Source


def trace_of(program: Program, known: Known, after: Sequence[Matrix] = ()) -> Trace:
    """Return the trace of a step.

    Args:
        program: of the step
        known: what it reads, by source
        after: the state after it as it is claimed, if that is not what the program gives

    The first root that is asked for costs the whole step. So does the first row of an operator; then its inputs are
    at hand too.
    """
    values = _Values(program, known, tuple(after))
    return Trace(program, values.rows, values.root)


@dataclass(slots=True)
class _Values:
    program: Program
    known: Known
    after: tuple[Matrix, ...]
    _roots: list[bytes] | None = None
    _held: dict[int, Matrix] | None = None
    """Values of operators: one that was asked for, and its inputs."""

    def root(self, source: Source, index: int) -> bytes:
        if source is not Source.OPERATOR:
            return matrix_root(self.known[source][index])
        if self._roots is None:
            self._roots = [matrix_root(value) for _, value in self._walk(len(self.program.operators))]
            self._roots[len(self._roots) - len(self.after) :] = map(matrix_root, self.after)
        return self._roots[index]

    def rows(self, source: Source, index: int) -> Sequence[bytes]:
        if source is not Source.OPERATOR:
            return row_bytes(self.known[source][index])
        inner = len(self.program.operators) - len(self.after)
        if index >= inner:
            return row_bytes(self.after[index - inner])
        if self._held is None or index not in self._held:
            inputs = self.program.operators[index].inputs
            wanted = {index, *(v.index for v in inputs if v.source is Source.OPERATOR)}
            self._held = {place: value for place, value in self._walk(index + 1) if place in wanted}
        return row_bytes(self._held[index])

    def _walk(self, count: int) -> Iterator[tuple[int, Matrix]]:
        """Give the first values, one after another, each kept no longer than a later one needs it."""
        last: dict[int, int] = {}
        for number, operator in enumerate(self.program.operators[:count]):
            last |= {v.index: number for v in operator.inputs if v.source is Source.OPERATOR}
        held: dict[int, Matrix] = {}
        for number, operator in enumerate(self.program.operators[:count]):
            inputs = [held[v.index] if v.source is Source.OPERATOR else self.known[v.source][v.index]
                      for v in operator.inputs]  # fmt: skip
            held[number] = value = apply_finite(number, operator, inputs)
            yield number, value
            for place in {number, *(v.index for v in operator.inputs if v.source is Source.OPERATOR)}:
                if last.get(place, number) == number:
                    held.pop(place, None)
