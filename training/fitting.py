"""Fitting in closed form: kernel ridge regression with leave-one-out scores, and small logistic regressions on them.

Nothing here throws dice, so the same data give the same heads.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.linalg import cho_factor, cho_solve
from scipy.sparse import csr_matrix

from app.analysis.ngrams import BUCKETS, Grams, weighed

Floats = NDArray[np.float32]


def rarity_of(found: list[Grams]) -> Floats:
    """Inverse document frequency of every bucket, 0 for those in fewer than two texts: log((1 + n) / (1 + df)) + 1."""
    counts = np.zeros(BUCKETS, np.float32)
    for each in found:
        counts[np.unique(each.bucket)] += 1
    rarity = np.log((1 + len(found)) / (1 + counts)) + 1
    rarity[counts < 2] = 0
    return rarity.astype(np.float32)


def matrix_of(found: list[Grams], rarity: Floats) -> csr_matrix:
    """One row per text, weighed as the application weighs it."""
    rows = [weighed(each, rarity) for each in found]
    ends = np.cumsum([0, *(len(buckets) for buckets, _ in rows)])
    return csr_matrix(
        (np.concatenate([values for _, values in rows]), np.concatenate([buckets for buckets, _ in rows]), ends),
        shape=(len(rows), BUCKETS),
    )


@dataclass(frozen=True)
class Ridge:
    """``kernel @ weights + offset`` estimates the targets; ``left_out`` does so for each row by a fit without it."""

    weights: Floats
    offset: Floats
    left_out: Floats


def ridge(kernel: Floats, targets: Floats, known: NDArray[np.bool_], penalty: float, trust: Floats) -> Ridge:
    """Kernel ridge regression; ``trust`` weighs rows, targets that are not ``known`` count as the column's mean.

    Left-out scores by the identity of Rasmussen and Williams (2006), 5.12: y - alpha / diag(inverse).
    """
    offset = np.array([targets[known[:, each], each].mean() for each in range(targets.shape[1])], np.float32)
    centred = np.where(known, targets - offset, 0).astype(np.float32)
    system = kernel.copy()
    system[np.diag_indices(len(system))] += penalty / trust
    inverse = cho_solve(
        cho_factor(system, lower=True, overwrite_a=True, check_finite=False),
        np.eye(len(system), dtype=np.float32),
        overwrite_b=True,
        check_finite=False,
    )
    weights = inverse @ centred
    left_out = centred - weights / np.diag(inverse)[:, None] + offset
    return Ridge(weights, offset, left_out.astype(np.float32))


def logistic(inputs: Floats, targets: Floats, penalty: float = 1.0) -> NDArray[np.float64]:
    """Weights of a logistic regression, the last one its constant, by Newton's method; ``penalty`` spares the constant."""
    rows = np.c_[inputs, np.ones(len(inputs))].astype(np.float64)
    weights = np.zeros(rows.shape[1])
    held = np.full(len(weights), penalty)
    held[-1] = 1e-6
    for _ in range(50):
        likely = 1 / (1 + np.exp(-rows @ weights))
        slope = rows.T @ (likely - targets) + held * weights
        curve = (rows * (likely * (1 - likely))[:, None]).T @ rows + np.diag(held)
        step = np.linalg.solve(curve, slope)
        weights -= step
        if np.abs(step).max() < 1e-8:
            break
    return weights
