"""How a resident feels about the service: English by TextBlob and a list of ours, Chinese by a list of ours."""

from collections.abc import Callable, Iterator
from functools import cache
from itertools import pairwise
from math import exp
from typing import Any, NamedTuple

from app.analysis.lexicon import Found, lexicon, tokens
from app.kernel.words import Sentiment

MOST = 3.0
"""Hits of one kind that count: a long letter is not surer than a short note."""

NEAR = 3
"""How far a negation reaches: tokens in English, characters in Chinese."""

NEGATIONS = frozenset(
    ("not", "no", "never", "without", "hardly", "isn't", "wasn't", "aren't", "don't", "didn't", "doesn't", "can't")
)
UNSURE = (0.3, 0.4, 0.3)
"""For languages without a list: neutral, and hardly."""

MOST_LETTERS = 10_000
"""What is read of a text: far more than the form takes."""


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


# What each feature adds to the score of (negative, neutral, positive), fitted once by logistic regression on three
# quarters of the residents' comments written for this project; the other quarter measured it.
WEIGHTS: dict[str, dict[str, tuple[float, float, float]]] = {
    "en": {
        "always": (-0.02, -0.04, 0.06),
        "negative": (0.59, -0.61, 0.02),
        "positive": (0.14, -0.88, 0.74),
        "request": (-0.72, 1.38, -0.65),
        "asks": (-0.22, 1.44, -1.22),
        "exclaims": (-0.08, -0.55, 0.63),
        "quotes": (1.86, -1.16, -0.70),
        "length": (0.19, -0.50, 0.31),
        # Not fitted: it says little about reports of failure, but knows words of praise that our list lacks.
        "textblob": (-0.50, 0.00, 0.50),
    },
    "zh": {
        "always": (-0.07, 0.14, -0.07),
        "negative": (0.73, -0.72, -0.01),
        "positive": (-0.22, -0.71, 0.93),
        "request": (-0.30, 1.51, -1.21),
        "asks": (0.53, -0.21, -0.32),
        "exclaims": (0.79, -0.42, -0.37),
        "quotes": (1.47, -1.33, -0.15),
        "length": (0.19, -0.84, 0.66),
    },
}


def probabilities_of(text: str, language: str) -> Probabilities:
    """The three probabilities for a text in that language."""
    if language not in WEIGHTS or not tokens(text[:MOST_LETTERS]):
        return Probabilities(*UNSURE)
    scores = [0.0, 0.0, 0.0]
    for name, value in features(text, language).items():
        for place, weight in enumerate(WEIGHTS[language][name]):
            scores[place] += weight * value
    top = max(scores)
    parts = [exp(score - top) for score in scores]
    return Probabilities(*(part / sum(parts) for part in parts))


def features(text: str, language: str) -> dict[str, float]:
    """What is counted in a text: hits of each list, TextBlob's polarity (English), and its shape."""
    text = text[:MOST_LETTERS]
    hits = {"negative": 0.0, "positive": 0.0, "request": 0.0}
    for section, weight in weighed(text, language):
        hits[section] += weight
    end = text.rstrip(" \n。.!")
    counted = {section: min(weight, MOST) for section, weight in hits.items()}
    shape = {
        "always": 1.0,
        **counted,
        "asks": float(end.endswith(("?", "？"))),
        "exclaims": float("!" in text or "！" in text),
        "quotes": float(any(mark in text for mark in '"“”')),
        "length": min(len(text) / (200 if language == "en" else 80), MOST),
    }
    return shape | {"textblob": textblob_polarity(text)} if language == "en" else shape


def weighed(text: str, language: str) -> Iterator[tuple[str, float]]:
    """Hits with their weight; after a negation praise is blame, and blame counts half as praise."""
    if language == "zh":
        yield from weighed_chinese(text)
        return
    words = tokens(text)
    for found in lexicon("sentiment", "en").find(text):
        before = words[max(0, found.at - NEAR) : found.at]
        yield turned(found) if NEGATIONS & set(before) else (found.section, 1.0)


def weighed_chinese(text: str) -> Iterator[tuple[str, float]]:
    nothing = Found(-NEAR, 0, "", "")
    for before, found in pairwise([nothing, *lexicon("sentiment", "zh").find(text)]):
        near = found.at - (before.at + before.length) < NEAR
        if found.section in {"negation", "degree"}:
            continue
        degree = 1.5 if near and before.section == "degree" else 1.0
        section, weight = turned(found) if near and before.section == "negation" else (found.section, 1.0)
        yield section, weight * degree


def turned(found: Found) -> tuple[str, float]:
    """What a term says when it is denied."""
    return {"positive": ("negative", 1.0), "negative": ("positive", 0.5)}.get(found.section, (found.section, 1.0))


def textblob_polarity(text: str) -> float:
    """TextBlob's polarity from -1 (bad) to 1 (good), by its pattern lexicon; no corpora are needed."""
    return float(textblob()(text).sentiment.polarity)


@cache
def textblob() -> Callable[[str], Any]:
    """TextBlob, imported when first needed: it brings NLTK along."""
    from textblob import TextBlob

    reader: Callable[[str], Any] = TextBlob
    return reader
