"""New topics: from a hundred texts a week on, with quotes that hold no person, and for a provider only of its own."""

from tests.web.conftest import take_in

WEEK = "/reports/C-001/topics?start=2026-09-01&end=2026-09-13&as_of=2026-10-12T09:00:00%2B08:00"


def test_too_few_texts_are_said_to_be_too_few(client, september):
    text = client.sign_in(september.manager).get(WEEK).page.text

    assert "Topics are looked for from 100 texts a week on; this week had 6." in " ".join(text.split())


def test_a_rising_phrase_is_shown_with_quotes_that_are_redacted(client, riverside, tmp_path):
    usual = ("The bin was full.", "Clean street and thank you.", "Nobody answers the phone.")
    rows = [
        f"W{nth},C-001,RS-001,rating,,3,{usual[nth % 3]},en,web,2026-09-{day:02}T09:{nth % 60:02}:00+08:00"
        for nth, day in enumerate([*[8] * 95, *[2] * 60, *[4] * 60])
    ]
    happened = (
        "the parking meter is broken",
        "no coins in the parking meter",
        "parking meter down since Monday",
        "that parking meter takes money twice",
        "why is a parking meter here at all",
        "somebody stuck gum into the parking meter",
        "parking meter shows last year",
        "two parking meters and neither prints",
        "my card is stuck in the parking meter",
        "a parking meter fell onto the road",
    )
    rows += [
        f"N{nth},C-001,RS-001,rating,,2,Call me on 020 7946 0018: {happened[nth % 10]} {nth}.,en,web,"
        "2026-09-09T09:00:00+08:00"
        for nth in range(20)
    ]
    take_in(riverside, tmp_path, rows, [])
    page = client.sign_in(riverside.manager).get(WEEK).page

    assert "Week of 7 Sep" in page.text
    assert [heading.text for heading in page.select("main h2")] == ["parking meter"]
    # Texts that are nearly the same count once.
    assert "In 9 of 115 texts this week, in 0 of 120 before." in page.text
    quotes = page.select("main q")
    assert len(quotes) == 3
    assert all("parking meter" in quote.text and "7946" not in quote.text for quote in quotes)


def test_a_provider_reads_no_text_that_was_not_given_to_it(client, september):
    text = client.sign_in(september.staff).get(WEEK).page.text

    assert "this week had 0." in " ".join(text.split())
    assert client.sign_in(september.other_staff).get(WEEK).status_code == 404
