"""What residents answered to an agency's own questions, in every form of a report: what drove it, n, unanswered."""

import csv
import io
import json
from dataclasses import replace
from datetime import UTC, date, datetime
from itertools import count

import pytest
from openpyxl import load_workbook

from app.extensions import db
from app.intake import actions as intake
from app.intake.rules import NewAnswer, NewAnswers, NewFeedback
from app.kernel.words import Aspect, Channel, Drive, FeedbackKind, QuestionKind
from app.questions.rules import Option
from app.reports import as_pdf, question_answers
from app.reports.frozen import freeze, thaw
from app.reports.report import build
from tests.web.questions_story import ALL, CHOICE, DAY, DRIVERS, RATING, TEXT, YES_NO, ask

OCTOBER = {"start": date(2026, 10, 1), "end": date(2026, 10, 31)}
ADDRESS = "/reports/C-001{}?start=2026-10-01&end=2026-10-31&as_of=2026-11-20T00:00:00%2B08:00&lang=en"
days = count(1)


def send(world, made=None, day=None, **said):
    """Feedback of October that was asked ``made``: key of a question → what was answered."""
    given = []
    for question in made.questions if made else ():
        options = {each.key: each.id for each in question.options}
        what = said.get(question.key)
        if what is None:
            continue
        if question.kind == QuestionKind.DRIVERS:
            given += [NewAnswer(question.id, question.kind, option_id=options[a], drive=d) for a, d in what]
        elif question.kind == QuestionKind.CHOICE:
            given.append(NewAnswer(question.id, question.kind, option_id=options[what]))
        else:
            column = {"rating": "rating", "yes_no": "is_yes", "day": "day", "text": "text"}[question.kind]
            given.append(NewAnswer(question.id, question.kind, **{column: what}))
    new = NewFeedback(
        agency_id=world.agency.id,
        site_id=world.site.id,
        contract_id=world.contract.id,
        kind=FeedbackKind.RATING,
        rating=2,
        text=None,
        place=None,
        email=None,
        phone=None,
        is_shared=False,
        language="en",
        channel=Channel.WEB,
        submitted_at=datetime(2026, 10, day or next(days) % 28 + 1, 2, tzinfo=UTC),
        answered=NewAnswers(made.id, tuple(given)) if made else None,
    )
    intake.receive(intake.make_ready(new))


BAD, GOOD = Drive.NEGATIVE, Drive.POSITIVE


@pytest.fixture
def october(riverside):
    """Two were asked nothing, four the first version, two the second, which offers another aspect."""
    first = ask(riverside, *ALL)
    send(riverside)
    send(riverside)
    send(riverside, first, drive234=[("timeliness", BAD), ("staff", GOOD)], rate2345=1, which234="paper234")
    send(riverside, first, drive234=[("timeliness", BAD), ("timeliness", GOOD)], again234=True, rate2345=5)
    send(riverside, first, day=9, when2345=date(2026, 10, 9), text2345="Call 0131 496 0000, said Mr Smith.")
    send(riverside, first, day=9, when2345=date(2026, 10, 5), which234="glass234")
    offers = tuple(Option(str(each), aspect=str(each)) for each in (Aspect.TIMELINESS, Aspect.SAFETY))
    second = ask(riverside, replace(DRIVERS, options=offers), YES_NO)
    send(riverside, second, drive234=[("safety", BAD)], again234=False)
    send(riverside, second)
    db.session.commit()
    return riverside


def counted(world, **more):
    return {each.key: each for each in build(world.contract, **(OCTOBER | more)).questions}


def test_only_those_who_were_asked_count_as_not_having_answered(october):
    found = counted(october)

    assert {key: (each.offered, each.answered, each.unanswered) for key, each in found.items()} == {
        "drive234": (6, 3, 3),
        "again234": (6, 2, 4),
        "rate2345": (4, 2, 2),
        "text2345": (4, 1, 3),
        "which234": (4, 2, 2),
        "when2345": (4, 2, 2),
    }


def test_what_drove_it_is_counted_by_aspect_among_those_it_was_offered_to(october):
    drivers = {each.aspect: each for each in counted(october)["drive234"].drivers}

    assert {
        aspect: (each.offered, each.negative.numerator, each.positive.numerator, each.unanswered)
        for aspect, each in drivers.items()
    } == {
        "timeliness": (6, 2, 1, 4),
        "staff": (4, 0, 1, 3),
        "cleanliness": (4, 0, 0, 4),
        "safety": (2, 1, 0, 1),
    }
    assert drivers["safety"].negative.denominator == 2
    assert next(iter(drivers)) == "safety", "the one most often not good comes first"


def test_each_answer_is_a_share_of_those_who_answered(october):
    found = counted(october)

    def shares(key):
        return {each.key: (each.share.numerator, each.share.denominator) for each in found[key].counts}

    assert shares("rate2345") == {"1": (1, 2), "2": (0, 2), "3": (0, 2), "4": (0, 2), "5": (1, 2)}
    assert shares("again234") == {"yes": (1, 2), "no": (1, 2)}
    assert shares("which234") == {"paper234": (1, 2), "glass234": (1, 2)}
    assert shares("when2345") == {"same_day": (1, 2), "week": (1, 2), "longer": (0, 2)}
    assert shares("text2345") == {}


def test_it_stands_as_it_stood_at_a_moment(october):
    assert counted(october, as_of=datetime(2026, 10, 1, tzinfo=UTC)) == {}
    assert build(october.other_contract, **OCTOBER).questions == ()


def test_the_page_says_it_without_what_anybody_wrote(client, october):
    page = client.sign_in(october.manager).get(ADDRESS.format("")).page

    assert "What drove it, and what else residents were asked" in page.text
    assert "3 of 6 who were asked have answered; 3 have not." in page.text
    row = next(each for each in page.select("#question-drive234-caption ~ tbody tr") if "Timeliness" in each.text)
    assert [" ".join(cell.text.split()) for cell in row.select("th, td")][:2] == ["Timeliness", "33.3 % (2 of 6)"]
    assert "Glass" in page.text
    for hidden in ("0131", "Smith"):
        assert hidden not in page.text
    assert "What drove it" in client.sign_in(october.staff).get(ADDRESS.format("")).page.text


def test_files_say_the_same(client, october):
    client.sign_in(october.manager)
    said = client.get(ADDRESS.format(".json")).json["questions"]
    (drive,) = (each for each in said if each["key"] == "drive234")
    assert (drive["offered"], drive["answered"], drive["unanswered"]) == (6, 3, 3)
    assert drive["drivers"][0]["aspect"] == "safety"

    text = client.get(ADDRESS.format(".csv")).get_data(as_text=True)
    rows = {(each["part"], each["key"]): each for each in csv.DictReader(io.StringIO(text.removeprefix("\ufeff")))}
    assert rows["questions", "drive234"]["value"] == "3"
    assert rows["questions", "drive234"]["n"] == "6"
    assert rows["drivers", "drive234:timeliness:negative"]["numerator"] == "2"
    assert rows["answers", "which234:glass234"]["denominator"] == "2"
    assert "0131" not in text

    book = load_workbook(io.BytesIO(client.get(ADDRESS.format(".xlsx")).data))
    sheet = [[cell.value for cell in row] for row in book["Answers"]]
    assert ["drive234", "What made you feel that way?", "Timeliness: Not good"] in [row[:3] for row in sheet]
    assert not any("0131" in str(cell) for row in sheet for cell in row)


def test_it_is_printed(october):
    assert as_pdf.render(build(october.contract, **OCTOBER)).startswith(b"%PDF")


def test_an_issued_report_keeps_it(october):
    report = build(october.contract, **OCTOBER)
    kept = json.loads(json.dumps(freeze(report)))

    assert thaw(kept).questions == report.questions
    del kept["report"]["questions"]
    assert thaw(kept).questions == (), "what was issued before says nothing of it"


def test_who_asks_nothing_more_hears_nothing_of_it(client, riverside):
    send(riverside)
    db.session.commit()

    assert (
        question_answers.count(riverside.contract, build(riverside.contract, **OCTOBER).period, datetime.now(UTC)) == ()
    )
    page = client.sign_in(riverside.manager).get(ADDRESS.format("")).page
    assert "What drove it" not in page.text
    book = load_workbook(io.BytesIO(client.get(ADDRESS.format(".xlsx")).data))
    assert "Answers" not in book.sheetnames


def test_every_kind_is_in_the_story():
    assert {each.kind for each in (RATING, DRIVERS, TEXT, CHOICE, YES_NO, DAY)} == set(QuestionKind)
