"""The seam: what is known about a text, whatever the text."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

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
        ("师傅很耐心，当天就修好了，谢谢", Sentiment.POSITIVE),
        ("请问过期药品应该丢哪个桶？", Sentiment.NEUTRAL),
        ("态度不好，一点也不干净", Sentiment.NEGATIVE),
        ("Otra semana el cubo marrón sin vaciar", Sentiment.NEUTRAL),
        ("", Sentiment.NEUTRAL),
    ],
)
def test_it_feels_what_the_resident_feels(text, sentiment):
    assert analyse(text).sentiment is sentiment


def test_it_names_the_aspects_in_their_order():
    assert analyse("The driver was rude and the fee too high").aspects == (Aspect.STAFF, Aspect.COST)
    assert Aspect.CLEANLINESS in analyse("厕所很脏").aspects


@pytest.mark.parametrize(
    ("text", "urgent"),
    [
        ("Strong smell of gas in the basement", True),
        ("Mum is alone and her carer has not come tonight", True),
        ("楼道里冒烟了", True),
        ("老人摔了，到现在没人接电话", True),
        ("The grass is long", False),
        ("垃圾费按户收还是按人头收", False),
    ],
)
def test_it_knows_when_it_cannot_wait(text, urgent):
    assert analyse(text).urgent is urgent


def test_it_hides_persons_and_says_which_version_read():
    read = analyse("Mr Petrov was rude")

    assert (read.redacted, read.version) == ("[name] was rude", VERSION)
    assert [(span.start, span.end, span.type) for span in read.pii] == [(0, 9, "NAME")]


def test_a_given_language_is_kept():
    assert analyse("ok", "zh").language == "zh"
    assert analyse("ok", "fr").sentiment is Sentiment.NEUTRAL


@given(st.text(max_size=200))
def test_it_never_fails_and_its_probabilities_sum_to_one(text):
    read = analyse(text)

    assert sum(read.probabilities) == pytest.approx(1)
    assert min(read.probabilities) >= 0
