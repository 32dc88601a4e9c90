"""What fitting promises: left-out scores are those of a fit without the row, the same data give the same numbers."""

import numpy as np
import pytest

from training.regressions import logistic, ridge, ridges


def problem(rows: int = 30) -> tuple[np.ndarray, np.ndarray]:
    dice = np.random.default_rng(0)
    points = dice.standard_normal((rows, 3)).astype(np.float32)
    distance = ((points[:, None] - points) ** 2).sum(axis=2)
    targets = np.stack([points[:, 0] > 0, points[:, 1] + points[:, 2] > 0], axis=1).astype(np.float32)
    return np.exp(-0.5 * distance).astype(np.float32), targets


def test_a_left_out_score_is_that_of_a_fit_without_the_row():
    kernel, targets = problem()
    whole = ridge(kernel, targets, 0.5, np.ones(len(targets), np.float32))

    for row in (0, 7, 29):
        others = np.flatnonzero(np.arange(len(targets)) != row)
        system = kernel[np.ix_(others, others)] + 0.5 * np.eye(len(others))
        expected = kernel[row, others] @ np.linalg.solve(system, targets[others] - whole.offset) + whole.offset
        assert whole.left_out[row] == pytest.approx(expected, abs=1e-3)


def test_a_row_without_labels_has_no_say_in_them():
    kernel, targets = problem()
    wide = np.concatenate([targets, targets], axis=1)
    labelled, trust = np.arange(30) < 20, np.ones(30, np.float32)

    toneless = kernel**2

    found = ridges(kernel, toneless, wide, labelled, 0.5, trust)

    whole, part = ridge(kernel, targets, 0.5, trust), ridge(toneless[:20, :20], targets[:20], 0.5, trust[:20])
    assert found.weights[:, :2] == pytest.approx(whole.weights)
    assert found.weights[:20, 2:] == pytest.approx(part.weights)
    assert not found.weights[20:, 2:].any()


def test_a_row_trusted_twice_counts_as_two():
    kernel, targets = problem(10)
    twice = np.r_[np.arange(10), 3]
    centred = targets - targets.mean(axis=0)

    repeated = ridge(kernel[np.ix_(twice, twice)], centred[twice], 0.5, np.ones(11, np.float32))
    trusted = ridge(kernel, centred, 0.5, np.where(np.arange(10) == 3, 2, 1).astype(np.float32))

    said = kernel[:, twice] @ repeated.weights + repeated.offset
    assert said == pytest.approx(kernel @ trusted.weights + trusted.offset, abs=0.1)


def test_a_logistic_regression_gives_back_the_shares_it_was_shown():
    inputs = np.array([[0.0]] * 10 + [[1.0]] * 10, np.float32)
    targets = np.array([1] * 2 + [0] * 8 + [1] * 7 + [0] * 3, float)

    weights = logistic(inputs, targets, penalty=1e-6)

    likely = 1 / (1 + np.exp(-(np.array([0.0, 1.0]) * weights[0] + weights[1])))
    assert likely == pytest.approx([0.2, 0.7], abs=1e-4)
