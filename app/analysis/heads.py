"""What the trained heads say of a text: how it feels, what it is about, whether it is urgent, each with a probability.

Two tiers. The first looks up hashed n-grams, for bulk; where it is unsure, the second adds how near the text is, by the
sentence encoder, to every comment the heads were fitted on. Both end in small logistic regressions, which calibrate.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from app.analysis import artefact
from app.analysis.encoder import encode, views
from app.analysis.ngrams import Grams, grams, weighed
from app.analysis.shape import shape_of
from app.kernel.words import Aspect, Sentiment

Floats = NDArray[np.float32]

VERSION = "heads-1"
"""Written on every reading; a change that can change a result needs a new one, and a new fit."""

OUTPUTS = ("negative", "positive", *(aspect.value for aspect in Aspect), "urgent")
"""What both tiers estimate, in the order of their columns; neutral is what the first two leave."""

SETTLED = 0.7
"""From this probability on the first tier alone decides, unless the text may be urgent."""

NEARNESS = 0.5
"""How fast likeness falls with distance: exp(-NEARNESS · distance²)."""

HARMLESS = 0.1
"""Below this probability of urgency the first tier alone may decide."""


class Probabilities(NamedTuple):
    """How likely each sentiment is; together 1."""

    negative: float
    neutral: float
    positive: float

    @property
    def sentiment(self) -> Sentiment:
        """The likeliest; neutral where it is level with another."""
        best = max(self.neutral, self.negative, self.positive)
        if self.neutral == best:
            return Sentiment.NEUTRAL
        return Sentiment.NEGATIVE if self.negative == best else Sentiment.POSITIVE


@dataclass(frozen=True)
class Opinion:
    """What the heads say of one text, its n-grams, and whether the second tier was asked."""

    probabilities: Probabilities
    aspects: dict[Aspect, float]
    urgent: float
    found: Grams
    both_tiers: bool


class Heads:
    """The fitted numbers, and how they are put to use."""

    def __init__(self, kept: artefact.Artefact):
        self.header = kept.header
        self.grams = kept.arrays["grams"]
        self.rarity = kept.arrays["rarity"].astype(np.float32)
        self.middle, self.spread, self.centre = (
            kept.arrays[name].astype(np.float32) for name in ("middle", "spread", "centre")
        )
        self.axes = kept.arrays["axes"].astype(np.float32)
        self.supports = kept.arrays["supports"].astype(np.float32)
        self.squares = (self.supports * self.supports).sum(axis=1)
        self.weights = kept.arrays["weights"].astype(np.float32)
        self.offsets = {name: np.array(kept.header["offsets"][name], np.float32) for name in ("first", "second")}
        self.last = {
            tier: {name: np.array(weights, np.float64) for name, weights in kept.header["last"][tier].items()}
            for tier in ("first", "both")
        }
        self.thresholds: dict[str, float] = kept.header["thresholds"]

    def opinion(self, text: str, language: str, tiers: int = 2) -> Opinion:
        """Read a text without persons; ``tiers`` 1 leaves the encoder alone, 2 asks it where the first is unsure."""
        found = grams(text)
        shape = shape_of(text, language)
        scores = [self.first(found)]
        likely = likelihoods(self.last["first"], scores, shape)
        ask = tiers > 1 and not settled(likely)
        if ask:
            scores.append(self.second(encode(text)))
            likely = likelihoods(self.last["both"], scores, shape)
        return Opinion(
            probabilities=Probabilities(*(float(each) for each in sentiment_of(likely))),
            aspects={aspect: float(likely[aspect.value]) for aspect in Aspect},
            urgent=float(likely["urgent"]),
            found=found,
            both_tiers=ask,
        )

    def first(self, found: Grams) -> Floats:
        """The scores of the n-grams, one for each of ``OUTPUTS``."""
        buckets, values = weighed(found, self.rarity)
        scores: Floats = values @ self.grams[buckets].astype(np.float32) + self.offsets["first"]
        return scores

    def second(self, encoded: Floats) -> Floats:
        """The scores by likeness: a sum over all fitted comments of their weight times their likeness.

        For one encoded text, or for rows of them.
        """
        place = project(encoded, self.middle, self.spread, self.centre, self.axes)
        length = (place * place).sum(axis=-1, keepdims=True)
        distance = np.maximum(self.squares + length - 2 * (place @ self.supports.T), 0)
        scores: Floats = np.exp(-NEARNESS * distance) @ self.weights + self.offsets["second"]
        return scores


def project(encoded: Floats, middle: Floats, spread: Floats, centre: Floats, axes: Floats) -> Floats:
    """Encoded texts, standardised, each view of length 1, on the axes along which the fitted comments differ."""
    standard = [
        view / np.maximum(np.linalg.norm(view, axis=-1, keepdims=True), 1e-6)
        for view in views((encoded - middle) / spread)
    ]
    placed: Floats = (np.concatenate(standard, axis=-1) - centre) @ axes
    return placed


def inputs(name: str, scores: Sequence[Floats], shape: Floats) -> Floats:
    """What the last regression of a head sees: its scores in each tier, and the text's shape; for one text or rows."""
    if name in {"positive", "neutral"}:
        columns = [
            column for tier in scores for column in (tier[..., 1] - tier[..., 0], 1 - tier[..., 0] - tier[..., 1])
        ]
        return np.concatenate([3 * np.stack(columns, axis=-1), shape], axis=-1)
    place = OUTPUTS.index(name)
    return np.concatenate([3 * np.stack([tier[..., place] for tier in scores], axis=-1), shape[..., -2:]], axis=-1)


def likelihoods(last: dict[str, NDArray[np.float64]], scores: Sequence[Floats], shape: Floats) -> dict[str, Floats]:
    """The probability of every head: positive (if not neutral), neutral, each aspect, urgent; for one text or rows."""
    return {name: likelihood(weights, inputs(name, scores, shape)) for name, weights in last.items()}


def likelihood(weights: NDArray[np.float64], columns: Floats) -> Floats:
    likely: Floats = 1 / (1 + np.exp(-(columns @ weights[:-1] + weights[-1])))
    return likely


def sentiment_of(likely: dict[str, Floats]) -> tuple[Floats, Floats, Floats]:
    """Negative, neutral and positive from both binary heads."""
    polar = 1 - likely["neutral"]
    return polar * (1 - likely["positive"]), likely["neutral"], polar * likely["positive"]


def settled(likely: dict[str, Floats]) -> NDArray[np.bool_]:
    """Whether the first tier is sure enough to be alone."""
    decided: NDArray[np.bool_] = (np.maximum.reduce(sentiment_of(likely)) >= SETTLED) & (likely["urgent"] < HARMLESS)
    return decided


@cache
def heads() -> Heads:
    """The heads that were shipped, read once by the process that first needs them."""
    return Heads(artefact.read(artefact.PATH))
