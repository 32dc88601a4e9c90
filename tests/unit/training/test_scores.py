"""The figures by which the heads are judged, on cases small enough to reckon by hand."""

import numpy as np
import pytest

from training import scores


def test_macro_f1_is_the_mean_over_classes_however_rare():
    true, said = np.array([0, 0, 0, 1, 2]), np.array([0, 0, 1, 1, 1])

    assert scores.macro_f1(true, said) == pytest.approx((4 / 5 + 1 / 2 + 0) / 3)
    assert scores.recalls(true, said) == pytest.approx([2 / 3, 1, 0])


def test_calibration_error_is_what_was_said_less_what_was_right():
    likely = np.array([[0.75, 0.25, 0.0]] * 4)

    assert scores.calibration_error(np.array([0, 0, 0, 1]), likely) == pytest.approx(0)
    assert scores.calibration_error(np.array([0, 1, 1, 1]), likely) == pytest.approx(0.5)


def test_recall_at_precision_takes_the_best_threshold():
    true = np.array([True, False, True, False, False, False])
    likely = np.array([0.9, 0.8, 0.7, 0.6, 0.5, 0.4])

    assert scores.recall_at_precision(true, likely) == 1
    assert scores.recall_at_precision(true, likely, least=0.9) == 0.5


def test_an_interval_holds_the_score_and_is_the_same_every_time():
    right = np.array([1.0] * 70 + [0.0] * 30)

    low, high = scores.interval(lambda drawn: float(right[drawn].mean()), 100)

    assert low < 0.7 < high
    assert (low, high) == scores.interval(lambda drawn: float(right[drawn].mean()), 100)
