"""How the fields of a directory file and their values are said to those who look at what it changes."""

from datetime import date
from typing import Any

from flask_babel import format_date
from flask_babel import lazy_gettext as _l

from app.directory.aspects import ASPECTS
from app.directory.rules import ENTERED
from app.kernel.words import Basis, Direction, ProviderKind
from app.web.filters import day, percent
from app.web.languages import LANGUAGES
from app.web.texts import gettext as _

FIELDS = {
    "name": _l("Name"),
    "kind": _l("Kind"),
    "timezone": _l("Timezone"),
    "calendar": _l("Working hours"),
    "languages": _l("Languages"),
    "emergency_number": _l("Emergency number"),
    "contact": _l("How residents reach you"),
    "title": _l("Title"),
    "service": _l("Service"),
    "also_called": _l("Everyday words for the service"),
    "provider": _l("Provider"),
    "starts_on": _l("From"),
    "ends_on": _l("Until"),
    "waiting_days": _l("Days a question stops the clock"),
    "position": _l("Place in the order"),
    "aspects": _l("About"),
    "respond_within_hours": _l("Answer within, in working hours"),
    "resolve_within_hours": _l("Resolve within, in working hours"),
    "measure": _l("Measure"),
    "direction": _l("Better is"),
    "target": _l("Good"),
    "approaching": _l("Approaching target"),
    "inadequate": _l("Requires improvement"),
    "minimum_n": _l("Cases needed"),
    "basis": _l("Counts"),
    "binds_from": _l("Binds from"),
    "address": _l("Address"),
    "area": _l("Area"),
    "latitude": _l("Latitude"),
    "longitude": _l("Longitude"),
    "value": _l("Value of the contract"),
    "currency": _l("Currency"),
    "units": _l("Units delivered"),
    "statement_days": _l("Days for a statement on a report"),
    "reply_days": _l("Days to reply to a verdict"),
    "contest_days": _l("Days to contest a verdict"),
    "confirm_days": _l("Days until silence counts"),
    "reopen_days": _l("Days to open again"),
    "is_small": _l("Judged over twelve months"),
    "is_light_touch": _l("Light-touch contract"),
}
MEASURES = {
    "response_rate": _l("Answered"),
    "on_time_response_rate": _l("Answered in time"),
    "resolution_rate": _l("Resolved"),
    "on_time_resolution_rate": _l("Resolved in time"),
    "reopen_rate": _l("Reopened"),
    "confirmed_rate": _l("Confirmed by the resident"),
    "rejected_rate": _l("Rejected"),
    "service_satisfaction": _l("Satisfied with the service"),
    "handling_satisfaction": _l("Satisfied with the handling"),
    "negative_share": _l("Negative"),
}
SHARES = ("target", "approaching", "inadequate")
POSITION = ("latitude", "longitude")
"""Of these every digit is shown."""

VALUES: dict[Any, Any] = {
    ProviderKind.FIRM: _l("Firm"),
    ProviderKind.SOCIAL_ORGANISATION: _l("Social organisation"),
    Direction.AT_LEAST: _l("more"),
    Direction.AT_MOST: _l("less"),
    Basis.RAW: _l("All cases"),
    Basis.VALIDATED: _l("Only those found attributable to the provider"),
}
A_MONDAY = date(2026, 11, 2)


def field_name(name: str) -> str:
    """The label of a field; one that has none is named as in the file."""
    return str(FIELDS.get(name, name))


def shown_value(value: Any, of: str = "") -> str:
    """A value before or after, as people may read it; ``of`` names its field."""
    if of in SHARES and isinstance(value, float):
        return percent(value)
    if of == "measure":
        return str(MEASURES.get(value, _("Entered by people") if value == ENTERED else value or "–"))
    if of == "aspects" and value:
        return _(", ").join(str(ASPECTS.get(each, each)) for each in value)
    if value is None or value in ([], {}):
        return "–"
    if isinstance(value, dict):
        return _calendar(value) if "weekdays" in value else _each_language(value)
    if isinstance(value, list):
        return _(", ").join(map(str, value))
    if isinstance(value, date):
        return day(value)
    if isinstance(value, bool):
        return _("yes") if value else _("no")
    if of in POSITION and isinstance(value, float):
        return f"{value:.15g}"
    return f"{value:g}" if isinstance(value, float) else str(VALUES.get(value, value))


def lost_languages(before: Any, after: Any) -> str:
    """The languages in which a name was given and would no longer be; empty where none is lost."""
    if not isinstance(before, dict) or "weekdays" in before:
        return ""
    kept = after.keys() if isinstance(after, dict) else ()
    return _(", ").join(_own_name(code) for code in before if code not in kept)


def _each_language(words: dict[str, Any]) -> str:
    return _("; ").join(
        _("%(language)s: %(words)s", language=_own_name(code), words=shown_value(text)) for code, text in words.items()
    )


def _own_name(code: str) -> str:
    return LANGUAGES.get(code, ("", code))[1]


def _calendar(calendar: dict[str, Any]) -> str:
    days = _(", ").join(
        format_date(A_MONDAY.replace(day=A_MONDAY.day + weekday), "EEE") for weekday in calendar["weekdays"]
    )
    said = [_("%(days)s, %(start)s to %(end)s", days=days, start=calendar["start"], end=calendar["end"])]
    for weekday, hours in sorted(calendar.get("hours", {}).items()):
        name = format_date(A_MONDAY.replace(day=A_MONDAY.day + int(weekday)), "EEE")
        said.append(_("%(days)s, %(start)s to %(end)s", days=name, start=hours["start"], end=hours["end"]))
    if calendar.get("country"):
        said.append(_("%(label)s: %(days)s", label=_("national holidays"), days=calendar["country"]))
    for label, key in ((_("holidays"), "holidays"), (_("worked all the same"), "extra_workdays")):
        if calendar.get(key):
            said.append(_("%(label)s: %(days)s", label=label, days=_(", ").join(calendar[key])))
    both = sorted({*calendar.get("holidays", ())} & {*calendar.get("extra_workdays", ())})
    if both:
        said.append(_("in both lists, and so worked: %(days)s", days=_(", ").join(both)))
    return _("; ").join(said)
