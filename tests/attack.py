"""An attacker with everything that is published: bounds on what is hidden, by linear programming."""

from collections.abc import Hashable, Mapping

import numpy as np
from scipy.optimize import linprog


class Attack:
    """Unknown counts, none below 0, and sums of them that are known."""

    def __init__(self) -> None:
        self.names: dict[Hashable, int] = {}
        self.sums: list[tuple[dict[Hashable, int], int]] = []

    def unknown(self, name: Hashable) -> Hashable:
        self.names.setdefault(name, len(self.names))
        return name

    def know(self, terms: Mapping[Hashable, int], value: int) -> None:
        """The sum of the unknowns, each times its number, is ``value``."""
        for name in terms:
            self.unknown(name)
        self.sums.append((dict(terms), value))

    def bounds(self, *names: Hashable) -> tuple[float, float]:
        """Between which numbers the sum of these unknowns must lie; the upper one may be infinite."""
        matrix = np.zeros((max(1, len(self.sums)), len(self.names)))
        values = np.zeros(max(1, len(self.sums)))
        for row, (terms, value) in enumerate(self.sums):
            for name, times in terms.items():
                matrix[row, self.names[name]] += times
            values[row] = value
        goal = np.zeros(len(self.names))
        for name in names:
            goal[self.names[name]] += 1
        ends = []
        for sign in (1, -1):
            found = linprog(sign * goal, A_eq=matrix, b_eq=values, bounds=(0, None), method="highs")
            if found.status == 3:  # unbounded
                ends.append(sign * -np.inf)
            else:
                assert found.status == 0, f"what is published contradicts itself: {found.message}"
                ends.append(sign * found.fun)
        return round(ends[0], 6), round(ends[1], 6)

    def width(self, *names: Hashable) -> float:
        low, high = self.bounds(*names)
        return high - low
