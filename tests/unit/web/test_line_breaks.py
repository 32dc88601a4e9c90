"""Figures are not parted from their units where a line is broken."""

import pytest
from flask_babel import force_locale

from app.web.filters import percent, percent_whole
from app.web.texts import NO_BREAK, unparted


@pytest.mark.parametrize(
    ("text", "stays"),
    [
        ("90 %% within %(p90)s working hours", ["90 %%", "%(p90)s working"]),
        ("Interval (95 %)", ["95 %"]),
        ("%(n)d of %(of)d", ["%(n)d of %(of)d"]),
        ("Notice of contract performance (section 71)", ["section 71"]),
        ("%(num)d working days; silence is consent", ["%(num)d working"]),
        ("At %(place)s in 2026", []),
    ],
)
def test_a_figure_stays_with_its_unit_where_lines_are_broken(text, stays):
    assert unparted(text).replace(NO_BREAK, " ") == text
    assert [each for each in stays if each.replace(" ", NO_BREAK) not in unparted(text)] == []
    assert unparted(text).count(NO_BREAK) == sum(each.count(" ") for each in stays)


def test_a_percent_sign_is_set_as_the_language_does(app):
    with force_locale("en"):
        assert (percent(0.667), percent_whole(0.5)) == (f"66.7{NO_BREAK}%", f"50{NO_BREAK}%")
    with force_locale("zh_Hans_CN"):
        assert (percent(0.667), percent_whole(0.5)) == ("66.7%", "50%")
