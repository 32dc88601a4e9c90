"""New cases reach a provider's people in one letter a day at most."""

from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from app.cases import actions
from app.cases.quiet_hours import NEVER, Quiet, next_day_slot
from app.extensions import db
from tests.web.cases_story import sent

SHANGHAI = ZoneInfo("Asia/Shanghai")
MONDAY = datetime(2026, 11, 2, tzinfo=SHANGHAI)
AT_NIGHT = Quiet("Asia/Shanghai", 20, 7)


@pytest.fixture
def live(app, riverside, alice, at, work):
    """Let hours pass from Monday's midnight on: ``live({9.2: 2}, until=48)`` gives the provider two cases at 9:12."""

    def through(given, until, seen=None):
        cases = []
        deeds = sorted({**dict.fromkeys(range(until)), **given})
        for hour in [each / 60 for each in sorted({round(h * 60) for h in deeds} | {60 * h + 2 for h in range(until)})]:
            with at(MONDAY + timedelta(hours=hour)):
                for wanted, count in given.items():
                    if round(wanted * 60) == round(hour * 60):
                        for _ in range(count):
                            case = actions.case_of(sent(riverside, email=None))
                            actions.assign(case, member_id=alice.id)
                            cases.append(case)
                if seen and round(seen[0] * 60) == round(hour * 60):
                    actions.look(cases[seen[1]].feedback, member_id=riverside.staff.id)
                db.session.commit()
                work()
        return cases

    return through


def work_letters(mail_box, to):
    return [each for each in mail_box() if each["To"] == to.email and "new case" in each["Subject"]]


def test_over_a_day_one_letter_comes_and_the_rest_with_the_next_day(riverside, live, mail_box):
    live({9.2: 1, 9.7: 1, 11: 1, 16: 1, 22.5: 1}, until=33)

    letters = work_letters(mail_box, riverside.staff)
    assert [letter["Subject"] for letter in letters] == ["2 new cases for you", "3 new cases for you"]


def test_each_new_case_is_told_once_with_its_limit_and_without_words_or_persons(riverside, live, mail_box):
    cases = live({9.2: 1, 11: 1}, until=36)

    letters = work_letters(mail_box, riverside.staff)
    said = [letter.get_body((kind,)).get_content() for letter in letters for kind in ("plain", "html")]
    for nth, case in enumerate(cases):
        for letter, body in enumerate(said):
            assert (f"/cases/{case.feedback.reference}" in body) == (letter // 2 == nth)
    for body in said:
        assert "answer until" in body
        assert "Street cleaning" in body
        for hidden in ("bin was full", "07700", "resident@example.org", "behind the gate"):
            assert hidden not in body


def test_what_somebody_of_the_provider_has_opened_is_not_told(riverside, live, mail_box):
    live({9.2: 1, 11: 2}, until=33, seen=(15, 1))

    assert [each["Subject"] for each in work_letters(mail_box, riverside.staff)] == [
        "1 new case for you",
        "1 new case for you",
    ]


def test_in_no_week_is_there_a_day_with_two(riverside, live, mail_box):
    given = {24 * day + hour: 1 for day in range(4) for hour in (0.5, 6.9, 8.1, 13, 19.5, 23)}
    live(given, until=24 * 5)

    letters = work_letters(mail_box, riverside.staff)
    days = [datetime.strptime(each["Date"], "%a, %d %b %Y %H:%M:%S %z").astimezone(SHANGHAI).date() for each in letters]
    assert len(days) == len(set(days))
    assert sum(int(each["Subject"].split()[0]) for each in letters) == len(given)


def test_the_letter_of_the_hour_leaves_new_cases_to_that_of_the_day(riverside, live, mail_box):
    live({9.2: 1, 11: 1}, until=24)

    assert [each["Subject"] for each in mail_box() if each["To"] == riverside.staff.email] == ["1 new case for you"]


@pytest.mark.parametrize(
    ("slot", "quiet", "then"),
    [
        ("2026-11-02T09:00", AT_NIGHT, "2026-11-03T06:00"),  # ends at seven, when letters go out again
        ("2026-11-02T18:00", AT_NIGHT, "2026-11-03T06:00"),
        ("2026-11-02T06:00", AT_NIGHT, "2026-11-03T06:00"),
        ("2026-11-02T09:00", NEVER, "2026-11-03T07:00"),  # midnight in UTC
    ],
)
def test_the_next_day_begins_when_its_first_letter_goes_out(slot, quiet, then):
    def local(text):
        return datetime.fromisoformat(text).replace(tzinfo=SHANGHAI)

    assert next_day_slot(local(slot), quiet) == local(then)
