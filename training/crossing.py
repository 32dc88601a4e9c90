"""Cross-validation: every civic comment is read by heads that know neither it nor anything nearly the same."""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from app.analysis.heads import OUTPUTS, Heads, Likely, sentiment_of, settled
from training.data import FOLDS
from training.fit import fit
from training.material import Material


@dataclass(frozen=True)
class Read:
    """What was said of each row: probabilities of sentiments, aspects and urgency, and the tags by thresholds.

    ``asked`` is whether the second tier was; rows that nobody read are NaN.
    """

    sentiment: NDArray[np.float64]
    aspects: NDArray[np.float64]
    urgent: NDArray[np.float64]
    said_aspects: NDArray[np.bool_]
    said_urgent: NDArray[np.bool_]
    asked: NDArray[np.bool_]


def nothing_read(rows: int) -> Read:
    return Read(
        sentiment=np.full((rows, 3), np.nan),
        aspects=np.full((rows, len(OUTPUTS) - 3), np.nan),
        urgent=np.full(rows, np.nan),
        said_aspects=np.zeros((rows, len(OUTPUTS) - 3), np.bool_),
        said_urgent=np.zeros(rows, np.bool_),
        asked=np.zeros(rows, np.bool_),
    )


def crossed(stuff: Material, note: Callable[[str], None]) -> dict[str, Read]:
    """The readings of all measured rows: by the first tier alone, and by both as the application uses them."""
    foreign = np.array([comment.origin != "civic" and comment.measured for comment in stuff.comments])
    results = {tier: nothing_read(len(stuff.comments)) for tier in ("first", "both")}
    for fold in range(FOLDS):
        note(f"fold {fold + 1} of {FOLDS}")
        fitted = np.flatnonzero((stuff.fold != fold) & ~foreign)
        asked = np.flatnonzero((stuff.fold == fold) | (foreign & (np.arange(len(foreign)) % FOLDS == fold)))
        read_rows(Heads(fit(stuff, fitted)), stuff, asked, results)
    return results


def read_rows(heads: Heads, stuff: Material, rows: NDArray[np.int64], results: dict[str, Read]) -> None:
    """Have the heads read these rows, into ``results``."""
    first = np.stack([heads.first(stuff.grams[row]) for row in rows])
    second = heads.second(stuff.encoded[rows], stuff.tone[rows])
    beside = stuff.shape[rows], stuff.tone[rows]
    alone = heads.last[0].likelihoods([first], *beside)
    keep(heads, results["first"], rows, alone, np.zeros(len(rows), np.bool_))
    asked = ~np.array([settled(row) for row in alone.tolist()])
    both = heads.last[1].likelihoods([first, second], *beside)
    keep(heads, results["both"], rows, np.where(asked[:, None], both, alone), asked)


def keep(heads: Heads, read: Read, rows: NDArray[np.int64], likely: Likely, asked: NDArray[np.bool_]) -> None:
    read.sentiment[rows] = np.stack(sentiment_of(likely.T), axis=1)
    read.aspects[rows], read.urgent[rows] = likely[:, 2:-1], likely[:, -1]
    read.said_aspects[rows] = read.aspects[rows] >= heads.thresholds["aspects"]
    read.said_urgent[rows] = read.urgent[rows] >= heads.thresholds["urgent"]
    read.asked[rows] = asked
