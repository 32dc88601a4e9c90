"""How times, numbers and names are shown to people."""

from collections.abc import Mapping
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from functools import lru_cache
from typing import Any
from zoneinfo import ZoneInfo

from babel import Locale, dates, numbers
from babel.dates import get_day_names
from flask import Flask
from flask_babel import format_currency, format_date, format_datetime, format_decimal, format_percent, get_locale

from app.kernel.words import Words, in_language
from app.web.languages import language
from app.web.texts import NO_BREAK
from app.web.texts import gettext as _


def init_app(app: Flask) -> None:
    app.add_template_filter(said, "said")
    app.add_template_filter(moment, "moment")
    app.add_template_filter(end_of, "end_of")
    app.add_template_filter(day, "day")
    app.add_template_filter(iso_day, "iso_day")
    app.add_template_filter(percent, "percent")
    app.add_template_filter(percent_whole, "percent_whole")
    app.add_template_filter(number, "number")
    app.add_template_filter(month, "month")
    app.add_template_filter(money, "money")
    app.add_template_filter(hours, "hours")


def said(words: Words | None) -> str:
    """A name that people gave, in the language of the page."""
    return in_language(words, language()) if words else ""


def moment(at: datetime | None, timezone: str) -> str:
    """A time in the agency's zone."""
    # Translators: a pattern of Unicode CLDR: day, month, year, hour, minute, in the order usual in the language.
    if at is None:
        return ""
    said = format_datetime(at.astimezone(ZoneInfo(timezone)), _("d MMM y, HH:mm"), rebase=False)
    # A line may end between day and time, and nowhere else.
    on, _space, time = str(said).rpartition(" ")
    return f"{on.replace(' ', NO_BREAK)} {time}"


def end_of(at: datetime, timezone: str) -> str:
    """Until when something lasts: midnight is said as the end of the day before, which is how a day is chosen."""
    last = at.astimezone(ZoneInfo(timezone)) - timedelta(microseconds=1)
    if (last + timedelta(microseconds=1)).time() != time.min:
        return moment(at, timezone)
    # Translators: stands after "until": when the day before midnight ends.
    return _("the end of %(day)s", day=day(last.date()))


def day(on: date | None) -> str:
    # Translators: a pattern of Unicode CLDR: day, month, year, in the order usual in the language.
    return _day(on, _("d MMM y"), get_locale()) if on else ""


# Kept, as a report says hundreds of days, shares and numbers, and many of them more than once.


@lru_cache(maxsize=4096)
def _day(on: date, pattern: str, locale: Locale) -> str:
    return str(dates.format_date(on, pattern, locale=locale)).replace(" ", NO_BREAK)


def iso_day(text: str) -> str:
    """The day of a date or time that is kept as ISO 8601 text."""
    return day(date.fromisoformat(text[:10]))


def percent(share: float | None) -> str:
    return "–" if share is None else _percent(share, get_locale())


@lru_cache(maxsize=4096)
def _percent(share: float, locale: Locale) -> str:
    number = "#,##0" if abs(share * 100 % 1) < 1e-9 else "#,##0.#"
    return str(numbers.format_percent(share, format=number + percent_sign(locale), locale=locale))


def percent_sign(locale: Locale | None) -> str:
    """The sign with what stands between it and its number: nothing in Chinese, else a space that no line breaks at."""
    return "%" if locale is not None and locale.language == "zh" else f"{NO_BREAK}%"


def percent_whole(share: float | None) -> str:
    """For shares of a few hundred, whose interval is several percent wide."""
    return "–" if share is None else format_percent(round(share, 2), "#,##0" + percent_sign(get_locale()))


def number(value: float | None) -> str:
    """At most one decimal: nobody acts on the second."""
    return "–" if value is None else _number(round(value, 1), get_locale())


@lru_cache(maxsize=4096)
def _number(value: float, locale: Locale) -> str:
    return str(numbers.format_decimal(value, locale=locale))


def month(first: date) -> str:
    # Translators: a pattern of Unicode CLDR: month and year, in the order usual in the language.
    return str(format_date(first, _("MMM y")))


def money(amount: Decimal, currency: str | None) -> str:
    """An amount in its currency; without one the amount alone."""
    return str(format_currency(amount, currency) if currency else format_decimal(amount))


def hours(calendar: Mapping[str, Any]) -> str:
    """A working calendar in a few words: its days, from when until when."""
    names = get_day_names("abbreviated", locale=get_locale())
    spans: dict[tuple[str, str], list[int]] = {}
    for weekday in sorted(calendar["weekdays"]):
        own = calendar.get("hours", {}).get(str(weekday), calendar)
        spans.setdefault((own["start"], own["end"]), []).append(weekday)
    return "; ".join(f"{_days(weekdays, names)} {start}–{end}" for (start, end), weekdays in spans.items())


def _days(weekdays: list[int], names: Mapping[int, str]) -> str:
    """Days in a row by the first and the last of them."""
    if len(weekdays) > 2 and weekdays == list(range(weekdays[0], weekdays[-1] + 1)):
        return f"{names[weekdays[0]]}–{names[weekdays[-1]]}"
    return ", ".join(names[weekday] for weekday in weekdays)
