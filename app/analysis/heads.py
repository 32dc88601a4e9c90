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
from app.analysis.ngrams import Grams, fingerprint, grams, weighed
from app.analysis.shape import SHAPES, shape_of
from app.analysis.tone import KINDS
from app.kernel.words import Aspect, Sentiment

Floats = NDArray[np.float32]
Likely = NDArray[np.float64]

VERSION = "heads-3"
"""Written on every reading; a change that can change a result needs a new one, and a new fit."""

ASPECTS = tuple(Aspect)
OUTPUTS = ("negative", "positive", *(aspect.value for aspect in ASPECTS), "urgent")
"""What both tiers estimate, in the order of their columns; neutral is what the first two leave."""

HEADS = ("positive", "neutral", *OUTPUTS[2:])
"""The binary heads: positive (if it is not neutral), neutral, each aspect, urgent."""

SETTLED = 0.9
"""From this probability on the first tier alone decides, unless the text may be urgent."""

NEARNESS = 0.5
"""How fast likeness falls with distance: exp(-NEARNESS · distance²).

For sentiment with the distance of tone added, which the encoder hardly has: "not good" is far from "good". What a text
is about does not hang on its tone.
"""

SENTIMENT = 2
"""So many of the first ``OUTPUTS`` are about sentiment."""

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
        if kept.header["ngrams"] != fingerprint():
            raise artefact.WrongArtefact("the heads were fitted on n-grams that are made otherwise: fit them anew")
        self.header = kept.header
        self.grams = kept.arrays["grams"].astype(np.float32)
        self.rarity = kept.arrays["rarity"].astype(np.float32)
        self.middle, self.spread, self.centre = (
            kept.arrays[name].astype(np.float32) for name in ("middle", "spread", "centre")
        )
        self.axes = kept.arrays["axes"].astype(np.float32)
        self.supports = kept.arrays["supports"].astype(np.float32)
        self.tones = kept.arrays["tones"].astype(np.float32)
        self.lengths, self.tone_lengths = squared(self.supports), squared(self.tones)
        self.weights = kept.arrays["weights"].astype(np.float32)
        self.offsets = {name: np.array(kept.header["offsets"][name], np.float32) for name in ("first", "second")}
        self.last = [Last(kept.header["last"][tier], tiers) for tiers, tier in enumerate(("first", "both"), start=1)]
        self.thresholds: dict[str, float] = kept.header["thresholds"]

    # On some processors the library that multiplies for NumPy computes beyond the edge of narrow arrays and leaves that
    # out of its answer, but warns of it: so what is heard is not the warning but the answer, looked at below.
    @np.errstate(invalid="ignore")
    def opinion(self, text: str, language: str, tiers: int = 2) -> Opinion:
        """Read a text without persons; ``tiers`` 1 leaves the encoder alone, 2 asks it where the first is unsure.

        Raises FloatingPointError where what comes out is no number.
        """
        found = grams(text)
        shape, tone = shape_of(text, language), found.tone()
        scores = [self.first(found)]
        likely = self.last[0].likelihoods(scores, shape, tone).tolist()
        ask = tiers > 1 and not settled(likely)
        if ask:
            scores.append(self.second(encode(text), tone))
            likely = self.last[1].likelihoods(scores, shape, tone).tolist()
        if not np.isfinite(likely).all():
            raise FloatingPointError("the heads' opinion of a text is no number")
        return Opinion(sentiment_of(likely), dict(zip(ASPECTS, likely[2:-1], strict=True)), likely[-1], found, ask)

    def first(self, found: Grams) -> Floats:
        """The scores of the n-grams, one for each of ``OUTPUTS``."""
        buckets, values = weighed(found, self.rarity)
        scores: Floats = values @ self.grams[buckets] + self.offsets["first"]
        return scores

    def second(self, encoded: Floats, tone: Floats) -> Floats:
        """The scores by likeness: a sum over all fitted comments of their weight times their likeness.

        For one text as it is encoded, and its tone, or for rows of them.
        """
        place = project(encoded, self.middle, self.spread, self.centre, self.axes)
        near = np.exp(-NEARNESS * distances(place, self.supports, self.lengths))
        toned = near * np.exp(-NEARNESS * distances(tone, self.tones, self.tone_lengths))
        sentiment, others = toned @ self.weights[:, :SENTIMENT], near @ self.weights[:, SENTIMENT:]
        scores: Floats = np.concatenate([sentiment, others], axis=-1) + self.offsets["second"]
        return scores


def distances(places: Floats, supports: Floats, lengths: Floats) -> Floats:
    """The squared distance of a place, or of each of some, to every support, given the supports' squared lengths."""
    far: Floats = np.maximum(lengths + squared(places)[..., None] - 2 * (places @ supports.T), 0)
    return far


def squared(places: Floats) -> Floats:
    """The square of the length of each place."""
    total: Floats = (places * places).sum(axis=-1)
    return total


def project(encoded: Floats, middle: Floats, spread: Floats, centre: Floats, axes: Floats) -> Floats:
    """Encoded texts, standardised, each view of length 1, on the axes along which the fitted comments differ."""
    standard = [
        view / np.maximum(np.linalg.norm(view, axis=-1, keepdims=True), 1e-6)
        for view in views((encoded - middle) / spread)
    ]
    turned: Floats = (np.concatenate(standard, axis=-1) - centre) @ axes
    return turned


def features(scores: Sequence[Floats], shape: Floats, tone: Floats) -> Floats:
    """What the last regressions see, of one text or rows: the scores of each tier, put in order, the shape, the tone.

    Of each tier positive less negative, then neutral (what both leave), then aspects and urgency.
    """
    parts = []
    for tier in scores:
        negative, positive = tier[..., :1], tier[..., 1:2]
        parts += [3 * (positive - negative), 3 * (1 - negative - positive), 3 * tier[..., SENTIMENT:]]
    return np.concatenate([*parts, shape, tone], axis=-1)


def columns_of(name: str, tiers: int) -> list[int]:
    """Which of the ``features`` a head sees: for sentiment two a tier, shape and tone, else its own and language."""
    size = len(OUTPUTS)
    shape = list(range(tiers * size, tiers * size + SHAPES))
    if name in {"positive", "neutral"}:
        tone = list(range(shape[-1] + 1, shape[-1] + 1 + len(KINDS)))
        return [tier * size + place for tier in range(tiers) for place in (0, 1)] + shape + tone
    return [tier * size + OUTPUTS.index(name) for tier in range(tiers)] + shape[-2:]


class Last:
    """The last regressions of all heads as one matrix; a head's weights end with its constant."""

    def __init__(self, weights: dict[str, list[float]], tiers: int):
        matrix = np.zeros((tiers * len(OUTPUTS) + SHAPES + len(KINDS), len(HEADS)))
        constant = np.array([weights[name][-1] for name in HEADS])
        for place, name in enumerate(HEADS):
            matrix[columns_of(name, tiers), place] = weights[name][:-1]
        # ``features`` only adds up, so it and the matrix become one step: what each number alone would make of it.
        size = len(OUTPUTS)
        alone = np.eye(len(matrix), dtype=np.float32)
        scores = [alone[:, tier * size : (tier + 1) * size] for tier in range(tiers)]
        made = features(scores, alone[:, tiers * size : tiers * size + SHAPES], alone[:, -len(KINDS) :])
        nothing = features(
            [each[0] * 0 for each in scores], np.zeros(SHAPES, np.float32), np.zeros(len(KINDS), np.float32)
        )
        self.matrix, self.constant = (made - nothing) @ matrix, constant + nothing @ matrix

    def likelihoods(self, scores: Sequence[Floats], shape: Floats, tone: Floats) -> Likely:
        """The probability of each of ``HEADS``, of one text or rows."""
        seen = np.concatenate([*scores, shape, tone], axis=-1)
        likely: Likely = 1 / (1 + np.exp(-(seen @ self.matrix + self.constant)))
        return likely


def sentiment_of(likely: Sequence[float]) -> Probabilities:
    """Negative, neutral and positive from both binary heads."""
    positive, neutral = likely[0], likely[1]
    return Probabilities((1 - neutral) * (1 - positive), neutral, (1 - neutral) * positive)


def settled(likely: Sequence[float]) -> bool:
    """Whether the first tier is sure enough to be alone, and sees no danger."""
    return max(sentiment_of(likely)) >= SETTLED and likely[-1] < HARMLESS


@cache
def heads() -> Heads:
    """The heads that were shipped, read once by the process that first needs them."""
    return Heads(artefact.read(artefact.PATH))
