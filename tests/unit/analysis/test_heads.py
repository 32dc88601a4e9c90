"""What the heads do where their arithmetic goes wrong."""

import numpy as np
import pytest

from app.analysis import artefact
from app.analysis.heads import Heads


def test_an_answer_that_is_no_number_is_an_error_and_not_a_tag():
    heads = Heads(artefact.read(artefact.PATH))
    heads.supports[:] = np.inf

    assert heads.opinion("The bin was left full", "en", tiers=1).probabilities
    with pytest.raises(FloatingPointError, match="no number"):
        heads.opinion("They came on Tuesday and went again, and nobody told us what is next", "en")
