"""Fitting in closed form: kernel ridge regression with leave-one-out scores, and small logistic regressions on them.

Nothing here throws dice, so the same data give the same heads.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.linalg.lapack import spotrf, spotri
from scipy.sparse import csr_matrix

from app.analysis.heads import SENTIMENT
from app.analysis.ngrams import BUCKETS, Grams, weighed

Floats = NDArray[np.float32]


def rarity_of(found: list[Grams]) -> Floats:
    """Inverse document frequency of every bucket, 0 for those in fewer than two texts: log((1 + n) / (1 + df)) + 1."""
    counts = np.zeros(BUCKETS, np.float32)
    for each in found:
        counts[np.unique(np.concatenate(each.blocks))] += 1
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


def without(matrix: csr_matrix, columns: NDArray[np.int64]) -> csr_matrix:
    """The matrix with nothing in these columns."""
    kept = np.ones(matrix.shape[1], np.float32)
    kept[columns] = 0
    return matrix.multiply(kept[None, :]).tocsr()


@dataclass(frozen=True)
class Ridge:
    """``kernel @ weights + offset`` estimates the targets; ``left_out`` does so for each row by a fit without it."""

    weights: Floats
    offset: Floats
    left_out: Floats


def ridge(kernel: Floats, targets: Floats, penalty: float, trust: Floats) -> Ridge:
    """Kernel ridge regression; ``trust`` weighs rows.

    Left-out scores by the identity of Rasmussen and Williams (2006), 5.12: y - alpha / diag(inverse).
    """
    offset = targets.mean(axis=0)
    system = kernel.copy()
    system[np.diag_indices(len(system))] += penalty / trust
    inverse = inverse_of(system)
    weights = inverse @ (targets - offset)
    return Ridge(weights, offset, targets - weights / np.diag(inverse)[:, None])


def ridges(
    kernel: Floats, toneless: Floats, targets: Floats, labelled: NDArray[np.bool_], penalty: float, trust: Floats
) -> Ridge:
    """Sentiment by one kernel from all rows; the other targets by the ``toneless`` one from the ``labelled`` alone.

    The rest weigh nothing there.
    """
    rows = np.flatnonzero(labelled)
    whole = ridge(kernel, targets[:, :SENTIMENT], penalty, trust)
    part = ridge(toneless[np.ix_(rows, rows)], targets[rows, SENTIMENT:], penalty, trust[rows])
    weights, left_out = (np.zeros(targets.shape, np.float32) for _ in range(2))
    weights[:, :SENTIMENT], left_out[:, :SENTIMENT] = whole.weights, whole.left_out
    weights[rows, SENTIMENT:], left_out[rows, SENTIMENT:] = part.weights, part.left_out
    return Ridge(weights, np.concatenate([whole.offset, part.offset]), left_out)


def inverse_of(system: Floats) -> Floats:
    """The inverse of a symmetric positive definite matrix, by Cholesky; takes the matrix's place."""
    factor, failed = spotrf(np.asfortranarray(system), lower=1, overwrite_a=1)
    inverse, failed_too = spotri(factor, lower=1, overwrite_c=1)
    if failed or failed_too:
        raise ArithmeticError("The kernel is not positive definite")
    whole: Floats = np.tril(inverse) + np.tril(inverse, -1).T
    return whole


def logistic(inputs: Floats, targets: Floats, penalty: float = 1.0) -> NDArray[np.float64]:
    """Weights of a logistic regression, the last one its constant, by Newton's method; no penalty on the constant."""
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
