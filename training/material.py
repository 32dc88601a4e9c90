"""Comments as the numbers that heads are fitted from; the slow part, encoding, is kept in ``var/`` between runs."""

import hashlib
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from app.analysis.encoder import encode
from app.analysis.heads import OUTPUTS
from app.analysis.ngrams import Grams, grams
from app.analysis.shape import shape_of
from training.data import LABELS, Comment, folds

KEPT = Path("var") / "encoded.npz"
Floats = NDArray[np.float32]


@dataclass(frozen=True)
class Material:
    """Row by row: comment, fold, n-grams, tone, encoding, shape, label (0 to 2), targets, and whether all are known."""

    comments: list[Comment]
    fold: NDArray[np.int64]
    grams: list[Grams]
    tone: Floats
    encoded: Floats
    shape: Floats
    label: NDArray[np.int64]
    targets: Floats
    labelled: NDArray[np.bool_]

    def where(self, **wanted: object) -> NDArray[np.bool_]:
        """The rows whose comment has these attributes."""
        return np.array([all(getattr(c, name) == value for name, value in wanted.items()) for c in self.comments])


def material(comments: list[Comment]) -> Material:
    label = np.array([LABELS.index(comment.label) for comment in comments])
    targets = np.zeros((len(comments), len(OUTPUTS)), np.float32)
    targets[:, 0], targets[:, 1] = label == 0, label == 2
    for row, comment in enumerate(comments):
        for place, name in enumerate(OUTPUTS[2:-1], start=2):
            targets[row, place] = name in (comment.aspects or ())
        # Feedback of the health service came after discharge: nothing in it was urgent.
        targets[row, -1] = bool(comment.urgent)
    found = [grams(comment.text) for comment in comments]
    return Material(
        comments=comments,
        fold=np.array(folds(comments)),
        grams=found,
        tone=np.stack([each.tone() for each in found]),
        encoded=encoded([comment.text for comment in comments]),
        shape=np.stack([shape_of(comment.text, comment.language) for comment in comments]),
        label=label,
        targets=targets,
        labelled=np.array([comment.aspects is not None for comment in comments]),
    )


def encoded(texts: list[str]) -> Floats:
    """The encoding of every text; those of the last run are taken from ``var/``."""
    names = [hashlib.sha256(text.encode()).hexdigest() for text in texts]
    kept: dict[str, Floats] = {}
    if KEPT.exists():
        with np.load(KEPT) as file:
            kept = dict(zip(file["names"].tolist(), file["rows"], strict=True))
    rows = np.stack([kept[name] if name in kept else encode(text) for name, text in zip(names, texts, strict=True)])
    if not set(names) <= set(kept):
        KEPT.parent.mkdir(exist_ok=True)
        np.savez(KEPT, names=np.array(names), rows=rows)
    return rows
