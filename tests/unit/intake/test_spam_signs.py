"""What makes a feedback look like spam, by table."""

import pytest

from app.intake.quotas import network_of
from app.intake.spam_signs import (
    FASTEST,
    HELD_FROM,
    OF_MACHINES,
    WEIGHT,
    Counts,
    Quotas,
    is_suspicious,
    signs_in,
    signs_of_counts,
    signs_of_time,
    would_be_cleared,
)
from app.intake.stamps import new_stamp, opened_at
from app.kernel.words import Sign

ANGRY = "The bins of our whole street have not been emptied for three weeks now, and it smells. " * 2 + (
    "I rang twice; nobody came. The older neighbours cannot carry their bags to the next street, so they stay."
)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("The bin was full.", set()),
        ("垃圾三天没人清运，太差了。", set()),
        ("😡😡😡😡😡", set()),
        (ANGRY, set()),
        ("See the photo at https://photos.example/bin", {Sign.LINK}),
        ("www.a.example www.b.example", {Sign.LINK}),
        ("https://a.example https://b.example http://c.example", {Sign.LINKS}),
        ("[url=https://a.example]cheap[/url]", {Sign.LINKS}),
        ('<a href="https://a.example">cheap</a>', {Sign.LINKS}),
        ("Platform [3] was dirty, <again>", set()),
        ("buy now " * 60, {Sign.ONE_THING_AGAIN}),
        ("脏" * 300, {Sign.ONE_THING_AGAIN}),
    ],
)
def test_words_show_links_and_repetition(text, expected):
    assert signs_in(text) == expected


@pytest.mark.parametrize(
    ("seconds", "expected"),
    [(None, {Sign.NO_STAMP}), (0, {Sign.TOO_FAST}), (FASTEST - 1, {Sign.TOO_FAST}), (FASTEST, set()), (30_000, set())],
)
def test_a_form_is_open_for_a_while_or_for_hours_without_a_line(seconds, expected):
    assert signs_of_time(seconds) == expected


@pytest.mark.parametrize(
    ("counts", "expected"),
    [
        (Counts(network=500, site=1000, agency=5000), set()),
        (Counts(network=501), {Sign.MANY_FROM_NETWORK}),
        (Counts(site=1001), {Sign.MANY_AT_SITE}),
        (Counts(agency=5001), {Sign.MANY_TO_AGENCY}),
        (Counts(words=2), set()),
        (Counts(words=3), {Sign.SAME_WORDS}),
        (Counts(words=10), {Sign.SAME_WORDS_OFTEN}),
    ],
)
def test_much_from_one_place_shows(counts, expected):
    assert signs_of_counts(counts, Quotas(network=500, site=1_000, agency=5_000)) == expected


def test_without_quotas_nothing_is_too_much():
    assert signs_of_counts(Counts(10**6, 10**6, 10**6), Quotas(0, 0, 0)) == set()


@pytest.mark.parametrize("sign", [Sign.NO_STAMP, Sign.TOO_FAST, Sign.LINK, Sign.SAME_WORDS, Sign.SAME_WORDS_OFTEN])
def test_nothing_that_honest_people_show_is_enough_by_itself(sign):
    assert WEIGHT[sign] < HELD_FROM


@pytest.mark.parametrize(
    ("signs", "suspicious", "cleared"),
    [
        (set(), False, False),
        ({Sign.TOO_FAST, Sign.LINK}, False, False),
        ({Sign.TOO_FAST, Sign.SAME_WORDS_OFTEN}, True, True),
        ({Sign.MANY_FROM_NETWORK}, True, True),
        ({Sign.MANY_FROM_NETWORK, Sign.LINK}, True, True),
        ({Sign.LINKS, Sign.TOO_FAST}, True, False),
        ({Sign.HONEYPOT}, True, False),
    ],
)
def test_work_settles_what_machines_show_and_not_what_words_say(signs, suspicious, cleared):
    assert (is_suspicious(signs), would_be_cleared(signs)) == (suspicious, cleared)


def test_every_sign_weighs_something():
    assert set(WEIGHT) == set(Sign)
    assert set(Sign) >= OF_MACHINES


def test_a_stamp_says_when_and_nobody_else_can_say_it():
    stamp = new_stamp("secret", 1_764_200_000)

    assert opened_at("secret", stamp) == 1_764_200_000
    assert opened_at("another", stamp) is None
    assert opened_at("secret", "1" + stamp) is None
    for nonsense in ("", ".", "x.y", "é.é", "1764200000"):
        assert opened_at("secret", nonsense) is None


@pytest.mark.parametrize(
    ("address", "network"),
    [
        ("203.0.113.7", "203.0.113.7"),
        ("::ffff:203.0.113.7", "203.0.113.7"),
        ("2001:db8:1:2:aaaa:bbbb:cccc:dddd", "2001:db8:1:2::"),
        ("fe80::1%eth0", "fe80::"),
        ("not:an:address", "not:an:address"),
        ("127.0.0.1", ""),
        ("::1", ""),
        ("::ffff:127.0.0.1", ""),
        ("", ""),
    ],
)
def test_who_shares_a_line_is_one_network(address, network):
    assert network_of(address) == network
