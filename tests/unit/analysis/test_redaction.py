"""What is hidden in a text, what is left alone, and that no text takes long."""

import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.analysis.private import Private, Span
from app.analysis.redaction import names_in, redact
from tests.unit.analysis.asking_sentences import NAMING, NAMING_NOBODY


@pytest.mark.parametrize(
    ("text", "redacted"),
    [
        ("ring 020 7946 0018, or a.b@example.org", "ring [phone], or [email]"),
        ("My number is +44 7911 123 804 now", "My number is [phone] now"),
        ("cell (404) 555-0186.", "cell [phone]."),
        ("team (13812345678) answered", "team ([phone]) answered"),
        ("电话（13812345678）没人接", "电话（[电话]）没人接"),
        ("old number 7946001 is dead", "old number [phone] is dead"),
        ("Mr Petrov and Mrs Imelda Fahy came", "[name] and [name] came"),
        ("mr petrov came", "[name] came"),
        ("my name is Joan Ashby and I waited", "my name is [name] and I waited"),
        ("Dr Menon on Monday", "[name] on Monday"),
        ("NI QQ 12 34 56 C", "NI [ID number]"),
        ("NHS number 943 476 5919", "NHS number [ID number]"),
        ("complaint CMP/2023/00971 stands", "complaint [ID number] stands"),
        ("Reg BD70 OKL drove off", "Reg [plate] drove off"),
        ("we live at 12 Mill Road", "we live at [address]"),
        ("no bins at 12 mill road", "no bins at [address]"),
        ("to Flat 3, 27 Corrigan Street, Leeds LS8 4QT and", "to [address] and"),
        ("电话13812345678，谢谢", "电话[电话]，谢谢"),
        ("电话１３８１２３４５６７８，谢谢", "电话[电话]，谢谢"),
        ("身份证11010519491231002X", "身份证[证件号]"),
        ("身份证110105194912310021", "身份证[证件号]"),
        ("王先生和李医生、张护士都来了", "[姓名]和[姓名]、[姓名]都来了"),
        ("我叫王小明，住幸福路12号3栋502室", "我叫[姓名]，住[地址]"),
        ("京A12345和沪A·D12345", "[车牌]和[车牌]"),
        ("发到liu.hc@qq.com吧", "发到[邮箱]吧"),
    ],
)
def test_it_hides_what_names_or_reaches_a_person(text, redacted):
    assert redact(text).text == redacted


@pytest.mark.parametrize(
    ("before", "text", "redacted"),
    [
        ("Mr Li Wei was late.", "(Li Wei laughed.)", "([name] laughed.)"),
        ("Mr Li Wei was late.", "li  wei's van, Li Weiland", "[name]'s van, Li Weiland"),
        ("mr brown was rude", "Brown laughed at brown water", "[name] laughed at brown water"),
        ("张建国师傅没来", "后来张建国笑了", "后来[姓名]笑了"),
        ("Nobody came.", "Li Wei laughed.", "Li Wei laughed."),
    ],
)
def test_who_was_named_once_is_hidden_wherever_they_are_named(before, text, redacted):
    assert redact(text, known=names_in(before)).text == redacted


@pytest.mark.parametrize(
    "text",
    [
        "",
        "They came on 2026-09-15 at 14:30, between 10.02 and 10.03.",
        "case closed in two, one, three days ago",
        "No card readers at one or two of the tills, I was given a number but one of five people was rude",
        "Since 20260915 and all of 2019-2020.",
        "Paid £12500000, or ¥3,200.",
        "2 cars down the road, 12 bins on our road, 3 times a week",
        "Miss the old driver. Nurse came. The doctor is great.",
        "Room 5 was cold and bus 12 was late",
        "三号线和12路公交都晚点，12楼没水",
        "周三上午等了两个小时，花了120元",
        "师傅很好，医生也好，护士也耐心",
        "2026年9月15日下午3点",
    ],
)
def test_it_leaves_other_words_and_numbers_alone(text):
    assert redact(text).text == text


def test_the_language_chooses_the_words_put_in():
    assert redact("138 1234 5678", "zh").text == "[电话]"
    assert redact("138 1234 5678", "en").text == "[phone]"


def test_spans_count_in_characters_of_the_original():
    text = "😀 ＴＥＬ：０２０ ７９４６ ００１８!"

    (span,) = redact(text).spans

    assert text[span.start : span.end] == "０２０ ７９４６ ００１８"
    assert span.type is Private.PHONE


def test_overlapping_finds_are_one_and_hide_all_of_both():
    spans = redact("mail mr.smith.0207946001@example.org").spans

    assert spans == (Span(5, 36, Private.EMAIL),)


@given(st.text(alphabet="a1 @.王路号先生Mr12栋京A-", max_size=120))
def test_spans_are_sorted_apart_and_their_text_is_gone(text):
    redacted = redact(text)

    ends = [0]
    for span in redacted.spans:
        assert ends[-1] <= span.start < span.end <= len(text)
        ends.append(span.end)


HOSTILE = ["1", "a@", "路", " ", "1 ", "1-", "a", "Ab ", "Mr A", "王", "1号", "号", "路1号", "a.", "@a.b", "one "]
HOSTILE += ["1a", "1/", "a-1-", "\n", "Ab Cd ", "京A", "一", "my name is ", "ref ", "a.a.a at ", "plate ", "我叫王"]
HOSTILE += ["Señor ", "calle ", "شارع ", "السيد محمد ", "一百", "dot ", "at 1 A", "Maria ", "老王", "A.", "code a_"]
HOSTILE += ["Call ", "Call Ab ", "Call Ab de ", "Llamen a ", "Llamen a Ab ", "联系", "联系王", "联系黄安", "给王"]
HOSTILE += ["跟高建", "问问", "اتصل ", "اتصل بأحمد ", "عمر ", "عبد ال", "شارع عمر ", "Ana "]
HOSTILE += ["case one two ", "ref is of the no ", "code A B C ", "one-two,", "Flat 1, a b ", "number "]


def seconds_for(text: str) -> float:
    began = time.process_time()
    redact(text)
    return time.process_time() - began


@pytest.mark.parametrize("unit", HOSTILE)
def test_hostile_text_of_double_length_takes_about_double_the_time(unit):
    redact("warm up 王")
    text = (unit * 60_000)[:60_000]

    half = min(seconds_for(text[:30_000]) for _ in range(3))
    whole = min(seconds_for(text) for _ in range(3))

    # Twice is linear, four times would be quadratic; a few hundredths of a second say nothing.
    assert whole < max(3.4 * half, 0.1)


@pytest.mark.parametrize(
    ("text", "redacted"),
    [
        # Codes spelled out after the word that announces them, and a flat named before its street.
        ("The code was B seven dash nine two Oscar", "The code was [ID number]"),
        ("account number two four double seven nine", "account number [ID number]"),
        ("reg was whiskey foxtrot one nine kilo lima, silver van", "reg was [plate], silver van"),
        ("Flat 9, above the bakery, 12 Mill Lane", "[address]"),
        # Names: by title, relation, office, introduction and signature.
        ("My wife Ottilie Marchbanks waited an hour", "My wife [name] waited an hour"),
        ("Pass it to Chief (Mrs) Adunola Bakare please", "Pass it to [name] please"),
        ("Ask Mr J. Penhaligon-Rees", "Ask [name]"),
        ("我女儿叫郑小禾，六岁", "我女儿叫[姓名]，六岁"),
        ("机主蒋玉梅，请核对", "机主[姓名]，请核对"),
        ("由儿子薛志刚代领", "由儿子[姓名]代领"),
        ("楼上老孙、还有钱阿婆都没收到", "楼上[姓名]、还有[姓名]都没收到"),
        ("La auxiliar, doña Herminia Valdés, vino tarde", "La auxiliar, [name], vino tarde"),
        ("El alumno es Gonzalo Iriarte Pons, de segundo", "El alumno es [name], de segundo"),
        ("أنا اسمي هدى سالم الحربي", "أنا اسمي [name]"),
        ("الممرض مصطفى عبد الحميد قعد معاه", "الممرض [name] قعد معاه"),
        # Plates.
        ("taxi KJA-204-XY drove off", "taxi [plate] drove off"),
        ("El camión de placas B-218-KRT", "El camión de placas [plate]"),
        ("la patente AD 305 KM", "la patente [plate]"),
        ("رقم العربية ط ق ب ٧٣١٥ وقفت", "رقم العربية [plate] وقفت"),
        ("车号苏·B 8三P 2七，刚走", "车号[车牌]，刚走"),
        # Addresses.
        ("Vivo en calle del Fresno 21, 3º A, Torrejón", "Vivo en [address]"),
        ("Cra 18 # 40-12 apto 502, Envigado", "[address]"),
        ("عنواني شارع الياسمين، عمارة ١٤، شقة ٣", "عنواني [address]"),
        ("停在环城高速K52东侧应急车道", "[地址]"),
        # Phones and identity numbers.
        ("Mi cédula es 41.207.655", "Mi cédula es [ID number]"),
        ("llame al 612 345 678", "llame al [phone]"),
        ("تليفوني ٠١٠٠١٢٣٤٥٦٧", "تليفوني [phone]"),
        ("my code QK7H2M9XPL", "my code [ID number]"),
        ("ring plus four four, 7911 double two oh six", "ring [phone]"),
        ("打一百三十八，零零一二，三四五六", "打[电话]"),
        ("escribe a lola.perez@correo.example", "escribe a [email]"),
        ("use rosa dot lee underscore 4 (at) mailbox dot example", "use [email]"),
    ],
)
def test_it_hides_them_in_every_language_and_however_they_are_written(text, redacted):
    assert redact(text).text == redacted


@pytest.mark.parametrize(
    "text",
    [
        "منذ ست سنوات وأنا أنتظر",
        "السائق نزل من الباص وساعد أمي",
        "La calle está sucia y el autobús 12 llegó tarde",
        "El Ayuntamiento de Madrid no contesta desde 2023",
        "Son 12.500.000 pesos",
        "园林师傅在修枝，感谢客服小姐",
        "Your crew at 9 Monday left the gate open",
    ],
)
def test_it_leaves_alone_what_only_looks_like_them(text):
    assert redact(text).text == text


@pytest.mark.parametrize(("language", "marked"), NAMING)
def test_who_is_asked_for_by_name_is_hidden_however_the_sentence_begins(language, marked):
    before, _, rest = marked.partition("⟦")
    name, _, after = rest.partition("⟧")
    label = "[姓名]" if language == "zh" else "[name]"

    assert redact(before + name + after, language).text == before + label + after


@pytest.mark.parametrize(("language", "text"), NAMING_NOBODY)
def test_offices_firms_places_and_days_that_are_asked_for_stay(language, text):
    assert redact(text, language).text == text


@pytest.mark.parametrize(
    ("text", "redacted"),
    [
        ("Ask Oluwaseun Bakare Monday", "Ask [name] Monday"),
        ("Call Anna if it is locked", "Call [name] if it is locked"),
        ("Call Victoria station", "Call Victoria station"),
        ("Yesterday Peter Novak waited", "Yesterday [name] waited"),
        ("St Mary Abbots has a hall", "St Mary Abbots has a hall"),
        ("Gracias Ana García por venir", "Gracias [name] por venir"),
        ("Llamen a Yesenia Quispe", "Llamen a [name]"),
        ("Nos vimos en Victoria Park", "Nos vimos en Victoria Park"),
        ("姓名：黄丽萍", "姓名：[姓名]"),
        ("联系安保公司和高新区管委会", "联系安保公司和高新区管委会"),
        ("اتصل علي واحد منكم", "اتصل علي واحد منكم"),
        ("قرب شارع عمر سليمان", "قرب شارع عمر سليمان"),
        ("جاء أحمد علي أمس", "جاء [name] أمس"),
    ],
)
def test_a_name_is_told_from_a_place_by_what_stands_round_it(text, redacted):
    assert redact(text).text == redacted
