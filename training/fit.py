"""From labelled rows to heads: both tiers by ridge regression, the last regressions on their left-out scores."""

from typing import Any

import numpy as np
from numpy.typing import NDArray

from app.analysis.artefact import Artefact
from app.analysis.encoder import views
from app.analysis.heads import (
    HEADS,
    NEARNESS,
    OUTPUTS,
    SENTIMENT,
    Last,
    columns_of,
    distances,
    features,
    project,
    squared,
)
from app.analysis.ngrams import TONES, fingerprint
from training.material import Floats, Material
from training.regressions import logistic, matrix_of, rarity_of, ridges, without

AXES = 190
"""Directions kept of the encoder's 2,112: 320 were no better, and would make the file larger than 10 MB."""

TRUST = {"civic": 1.0, "written": 1.0, "nhs_v6": 1.0}
"""What a row of each set counts."""

PENALTY = {"first": 0.5, "second": 0.2}
URGENT_PRECISION = 0.55
"""Urgency is said from the lowest probability at which more than half of what is called urgent was: recall first."""


def fit(stuff: Material, rows: NDArray[np.int64]) -> Artefact:
    """Heads fitted on these rows and on nothing else: vocabulary, scales, calibration and thresholds included."""
    trust = np.array([TRUST[stuff.comments[row].origin] for row in rows], np.float32)
    targets, labelled = stuff.targets[rows], stuff.labelled[rows]
    rarity = half(rarity_of([stuff.grams[row] for row in rows]))
    matrix = matrix_of([stuff.grams[row] for row in rows], rarity)
    toneless = without(matrix, TONES)
    kernels = tuple((each @ each.T).toarray() for each in (matrix, toneless))
    first = ridges(*kernels, targets, labelled, PENALTY["first"], trust)

    middle, spread, centre, axes = axes_of(stuff.encoded[rows])
    supports = half(project(stuff.encoded[rows], middle, spread, centre, axes))
    tones = half(stuff.tone[rows])
    near = np.exp(-NEARNESS * distances(supports, supports, squared(supports)))
    toned = near * np.exp(-NEARNESS * distances(tones, tones, squared(tones)))
    second = ridges(toned, near, targets, labelled, PENALTY["second"], trust)

    own = np.array([stuff.comments[row].origin == "civic" for row in rows])
    seen = rows[own]
    last: dict[str, dict[str, Any]] = {}
    for tiers, (tier, scores) in enumerate((("first", [first]), ("both", [first, second])), start=1):
        seen_by_all = features([each.left_out[own] for each in scores], stuff.shape[seen], stuff.tone[seen])
        last[tier] = {}
        for name in HEADS:
            truth, asked = truth_of(stuff, seen, name)
            last[tier][name] = logistic(seen_by_all[asked][:, columns_of(name, tiers)], truth[asked]).tolist()
    left_out = [each.left_out[own] for each in (first, second)]
    likely = Last(last["both"], 2).likelihoods(left_out, stuff.shape[seen], stuff.tone[seen])
    thresholds = thresholds_of(likely, stuff.targets[seen])
    return Artefact(
        header={
            "offsets": {"first": first.offset.tolist(), "second": second.offset.tolist()},
            "last": last,
            "thresholds": thresholds,
            "ngrams": fingerprint(),
        },
        arrays={
            "grams": np.concatenate(
                [matrix.T @ first.weights[:, :SENTIMENT], toneless.T @ first.weights[:, SENTIMENT:]], axis=1
            ).astype(np.float16),
            "rarity": rarity.astype(np.float16),
            "middle": middle.astype(np.float16),
            "spread": spread.astype(np.float16),
            "centre": centre.astype(np.float16),
            "axes": axes.astype(np.float16),
            "supports": supports.astype(np.float16),
            "tones": tones.astype(np.float16),
            "weights": second.weights.astype(np.float16),
        },
    )


def axes_of(encoded: Floats) -> tuple[Floats, Floats, Floats, Floats]:
    """Middle and spread of every number, and centre and main axes of what ``project`` makes of them before turning."""
    middle, spread = half(encoded.mean(axis=0)), half(encoded.std(axis=0) + 1e-3)
    standard = [view / np.linalg.norm(view, axis=1, keepdims=True) for view in views((encoded - middle) / spread)]
    placed = np.concatenate(standard, axis=1)
    centre = half(placed.mean(axis=0))
    _, directions = np.linalg.eigh((placed - centre).T @ (placed - centre))
    return middle, spread, centre, half(directions[:, ::-1][:, :AXES])


def truth_of(stuff: Material, rows: NDArray[np.int64], name: str) -> tuple[NDArray[np.float64], NDArray[np.bool_]]:
    """What a head should say of each row, and which rows it is asked about: positive only of those not neutral."""
    label = stuff.label[rows]
    if name == "positive":
        return (label == 2).astype(float), label != 1
    if name == "neutral":
        return (label == 1).astype(float), np.ones(len(rows), np.bool_)
    return stuff.targets[rows, OUTPUTS.index(name)].astype(float), np.ones(len(rows), np.bool_)


def thresholds_of(likely: NDArray[np.float64], targets: Floats) -> dict[str, float]:
    """From which probability aspects (one for all, best micro-F1) and urgency (recall first) are said."""
    said, true = likely[:, 2:-1], targets[:, 2:-1] > 0
    steps = np.arange(0.2, 0.6, 0.01)
    best = max(steps, key=lambda step: 2 * (true & (said >= step)).sum() / (true.sum() + (said >= step).sum()))
    urgent, alarm = targets[:, -1] > 0, likely[:, -1]
    steps = np.arange(0.05, 0.9, 0.01)
    good = [step for step in steps if urgent[alarm >= step].mean() >= URGENT_PRECISION]
    return {"aspects": round(float(best), 2), "urgent": round(float(min(good, default=0.5)), 2)}


def half(numbers: Floats) -> Floats:
    """As they are after having been kept in half precision, so that fitted is what will be used."""
    return numbers.astype(np.float16).astype(np.float32)
