"""What the sheets of the directory are called, and what each of their columns means."""

from flask_babel import lazy_gettext as _l

from app.directory.sheets import Sheet

NAMES = {
    Sheet.SITES: _l("Sites"),
    Sheet.CONTRACTS: _l("Contracts"),
    Sheet.CLAUSES: _l("Clauses"),
    Sheet.KPIS: _l("KPIs"),
    Sheet.SERVED: _l("Who serves what"),
}
ABOUT = {
    Sheet.SITES: _l("A row for each place or route with a code."),
    Sheet.CONTRACTS: _l("A row for each contract, with its provider, days and terms."),
    Sheet.CLAUSES: _l("A row for each duty in a contract, and one for each later change of its limits."),
    Sheet.KPIS: _l("A row for each KPI of a contract, and one for each later change of its target."),
    Sheet.SERVED: _l("A row for each site that a contract serves, with its days."),
}
IN_LANGUAGES = _l("A column with _zh or _en behind its name says it in that language; the plain one is then empty.")

FOR_ALL = {
    "code": _l("A short name that stays: letters, digits, points and dashes. By it the row is known."),
    "contract": _l("The reference of the contract. With the other names it says which row is meant."),
    "latitude": _l("In degrees, as phones tell it (WGS 84)."),
    "longitude": _l("In degrees; both, or neither."),
    "name": _l("What it is called. Needed for a new one."),
    "address": _l("Street and number, or what comes closest."),
    "area": _l("The ward, district or part of town."),
    "reference": _l("The reference of the contract, as in your files. By it the row is known."),
    "also_called": _l(
        "What people call it every day, with commas between, like rubbish, litter. They find it by these."
    ),
    "service": _l("What residents call it. Contracts of the same service are compared. Needed for a new one."),
    "provider": _l("The short name of who delivers. Needed for a new contract."),
    "provider_name": _l("Only where the provider is new here."),
    "provider_kind": _l("firm or social_organisation; only where the provider is new here."),
    "starts_on": _l("The first day, like 2026-09-30. Needed for a new one."),
    "ends_on": _l("The last day. Needed for a new one."),
    "value": _l("What it costs over its whole time."),
    "currency": _l("Three letters, like GBP or CNY."),
    "waiting_days": _l("Working days that a question to the resident stops the clock; 0: it never does."),
    "statement_days": _l("Working days for the provider's statement on a draft of a report."),
    "reply_days": _l("Working days for the provider to reply to a verdict."),
    "contest_days": _l("Working days to contest a verdict."),
    "confirm_days": _l("Days for the resident to say whether it is solved."),
    "reopen_days": _l("Days after which a reopening opens a new case."),
    "is_small": _l("yes: too few cases for a quarter, so its KPIs are judged over twelve months."),
    "is_light_touch": _l("yes: a light-touch contract (UK Procurement Act 2023)."),
    "aspects": _l("What it is about, with commas between: timeliness, staff, quality, cost, access, safety, …"),
    "respond_within_hours": _l("Working hours to answer. Needed for a new one."),
    "resolve_within_hours": _l("Working hours to put it right. Needed for a new one."),
    "measure": _l("Which share is measured, like on_time_response_rate; or entered. Needed for a new one."),
    "basis": _l("raw: all cases count; validated: only those found attributable to the provider."),
    "direction": _l("at_least or at_most: which side of the target is good. Needed for a new one."),
    "target": _l("From here on it is good, in per cent. Needed for a new one."),
    "approaching": _l("From here on it is approaching the target, in per cent; easier to meet than the target."),
    "inadequate": _l("What is short of this is inadequate, in per cent; easier to meet than the one before."),
    "minimum_n": _l("So many cases are needed to judge at all."),
    "binds_from": _l("From this day on it binds; before, it is for information."),
    "site": _l("The code of the site."),
    "until": _l("The last day; empty: as long as the contract runs."),
}
OF_SHEETS = {
    (Sheet.CLAUSES, "from"): _l("Empty: the clause as it began. A day: other limits for what is sent from then on."),
    (Sheet.KPIS, "from"): _l(
        "Of a new KPI: the day from which it holds; empty: today, or the contract's first day while nothing was sent"
        " about it. Of one that there is, empty: the KPI as it began; a day: another target for periods that end from"
        " then on."
    ),
    (Sheet.SERVED, "from"): _l("The first day; empty: the first day of the contract. By it the row is known."),
    (Sheet.CONTRACTS, "title"): _l("What the contract is called. Needed for a new one."),
    (Sheet.CLAUSES, "title"): _l("What the duty is. Needed for a new one."),
    (Sheet.KPIS, "title"): _l("What people enter; only where the measure is entered."),
}


def meaning(sheet: Sheet, column: str) -> str:
    """What a column is for."""
    return str(OF_SHEETS.get((sheet, column)) or FOR_ALL[column])
