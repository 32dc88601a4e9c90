"""Short sentences with a "not", of which nothing was fitted: what is understood, and what is not yet."""

import json
from pathlib import Path

import pytest

from app.analysis.reading import analyse
from app.kernel.words import Sentiment

TABLE = Path(__file__).parents[3] / "training" / "data" / "negations.jsonl"
ROWS = [json.loads(line) for line in TABLE.read_text(encoding="utf-8").splitlines()]
SENTIMENTS = {"neg": Sentiment.NEGATIVE, "neu": Sentiment.NEUTRAL, "pos": Sentiment.POSITIVE}

MISREAD = frozenset(
    {
        "Not happy with this at all",
        "Nothing was done",
        "Hardly ever swept",
        "The repair didn't last",
        "服务不行",
        "味道不怎么样",
        "Nunca llegan a su hora",
        "No lo recomiendo",
        "No me hicieron caso",
        "Not a kind word from anyone",
        "Not what we pay for",
        "Not once have they rung back",
        "不太行",
        "空调不制冷",
        "Nada práctico",
        "Ya no confío en ellos",
        "No explican nada",
        "Ni un saludo",
        "No barrieron la acera",
        "No cambiaría nada",
        "No me cobraron de más",
        "Nunca pierde la paciencia",
        "ما في نور بالدرج",
        "ليسوا ملتزمين",
        "الشارع ما انكنس",
        "ما غلبونا",
        "لا ملاحظات، كل شي تمام",
        "لم ننتظر طويلا",
        "ما طلبوا فلوس زيادة",
    }
)


@pytest.mark.parametrize("row", [row for row in ROWS if row["text"] not in MISREAD], ids=lambda row: row["text"])
def test_a_not_is_understood(row):
    assert analyse(row["text"], row["lang"]).sentiment is SENTIMENTS[row["label"]]


@pytest.mark.parametrize("row", [row for row in ROWS if row["text"] in MISREAD], ids=lambda row: row["text"])
def test_what_is_still_misread_is_known(row):
    assert analyse(row["text"], row["lang"]).sentiment is not SENTIMENTS[row["label"]]


@pytest.mark.parametrize("language", ["en", "zh", "es", "ar"])
def test_nearly_all_of_a_language_is_understood(language):
    known = [row["text"] not in MISREAD for row in ROWS if row["lang"] == language]

    assert len(known) == 62
    assert sum(known) / len(known) >= 0.8
