"""How right, and how honest about it, probabilities and tags are."""

from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

Labels = NDArray[np.int64]
Flags = NDArray[np.bool_]
Floats = NDArray[np.float64]

BINS = 10
DRAWS = 1_000


def f1(true: Flags, said: Flags) -> float:
    """2 · hits / (true + said); 0 where nothing was."""
    total = int(true.sum() + said.sum())
    return 2 * int((true & said).sum()) / total if total else 0.0


def macro_f1(true: Labels, said: Labels) -> float:
    """The mean over the three labels of their F1."""
    return float(np.mean([f1(true == label, said == label) for label in range(3)]))


def recalls(true: Labels, said: Labels) -> list[float]:
    """For each label the share of its texts that were tagged so."""
    return [float((said[true == label] == label).mean()) for label in range(3)]


def calibration_error(true: Labels, likely: Floats) -> float:
    """Expected calibration error of the likeliest label: ten bins of equal width, weighed by what is in them."""
    sure, right = likely.max(axis=1), likely.argmax(axis=1) == true
    bins = np.minimum((sure * BINS).astype(int), BINS - 1)
    return float(sum(abs(sure[bins == each].sum() - right[bins == each].sum()) for each in range(BINS)) / len(true))


def reliability(true: Labels, likely: Floats) -> list[tuple[float, float, int]]:
    """For every bin that is not empty: mean probability of the likeliest label, share right, number of texts."""
    sure, right = likely.max(axis=1), likely.argmax(axis=1) == true
    bins = np.minimum((sure * BINS).astype(int), BINS - 1)
    full = [bins == each for each in range(BINS) if (bins == each).any()]
    return [(float(sure[each].mean()), float(right[each].mean()), int(each.sum())) for each in full]


def recall_at_precision(true: Flags, likely: Floats, least: float = 0.5) -> float:
    """The highest recall among all thresholds whose precision is at least ``least``."""
    order = np.argsort(-likely, kind="stable")
    hits = np.cumsum(true[order])
    good = hits / np.arange(1, len(true) + 1) >= least
    return float(hits[good].max() / true.sum()) if good.any() else 0.0


def interval(score: Callable[[Labels], float], rows: int) -> tuple[float, float]:
    """The middle 95 % of a score over bootstrap samples of its rows; ``score`` takes the rows that were drawn."""
    dice = np.random.default_rng(3)
    drawn = [score(dice.integers(0, rows, rows)) for _ in range(DRAWS)]
    low, high = np.quantile(drawn, [0.025, 0.975])
    return float(low), float(high)
