"""What others say of the same texts: TextBlob (the named baseline), VADER, and whoever says the commonest label."""

import numpy as np
from numpy.typing import NDArray
from textblob import TextBlob
from vaderSentiment.vaderSentiment import SentimentIntensityAnalyzer

Labels = NDArray[np.int64]

TEXTBLOB_POLAR = 0.05
VADER_POLAR = 0.05
"""Beyond this a text is positive or negative; for VADER what its authors recommend."""


def textblob(texts: list[str], _label: Labels) -> Labels:
    return np.array([sign(TextBlob(text).sentiment.polarity, TEXTBLOB_POLAR) for text in texts])


def vader(texts: list[str], _label: Labels) -> Labels:
    reader = SentimentIntensityAnalyzer()
    return np.array([sign(reader.polarity_scores(text)["compound"], VADER_POLAR) for text in texts])


def majority(texts: list[str], label: Labels) -> Labels:
    return np.full(len(texts), np.bincount(label).argmax())


def sign(polarity: float, least: float) -> int:
    """0 for negative, 1 for neutral, 2 for positive."""
    return 1 + int(polarity >= least) - int(polarity <= -least)


BASELINES = {"TextBlob": textblob, "VADER": vader, "majority": majority}
