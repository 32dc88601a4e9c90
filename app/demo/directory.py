"""Who answers for what in the demo, in the shape that ``flask import directory`` reads."""

from datetime import date, timedelta
from typing import Any

RIVERSIDE, HILLSIDE = "riverside", "hillside"
WEEKS = 12
HANDED_OVER_AFTER_WEEKS = 8
"""Ferry Square passes from one firm to the next after so many weeks; its sticker stays."""

HANDED_OVER = "RS-BIN-04"
STREETS, PARKS, CARE = "RS-STREETS", "RS-PARKS", "RS-CARE"
LIFTS, BUS, LINE = "HS-LIFTS", "HS-BUS", "HS-LINE"

FORMS = {RIVERSIDE: ("RS-BIN-01", "RS-PARK-01", "RS-CARE-01"), HILLSIDE: ("HS-LIFT-01", "HS-BUS-01", "HS-LINE-01")}
"""The site codes of the forms that are shown to whoever starts the demo."""


POSITIONS = {
    "RS-BIN-01": (31.2289, 121.4812),
    "RS-BIN-02": (31.2331, 121.4904),
    "RS-BIN-03": (31.2257, 121.4769),
    HANDED_OVER: (31.2343, 121.4887),
    "RS-PARK-01": (31.2214, 121.4838),
    "RS-PARK-02": (31.2362, 121.4918),
    "RS-CARE-03": (31.2305, 121.4741),
    "HS-LIFT-01": (51.5461, -0.1032),
    "HS-LIFT-02": (51.5427, -0.0977),
    "HS-LIFT-03": (51.5489, -0.0921),
    "HS-LINE-01": (51.5442, -0.1069),
}
"""Degrees; the towns are made up, and lie where their clocks say."""


def directories(today: date) -> list[dict[str, Any]]:
    """Both agencies, with contracts that cover the twelve weeks before ``today`` and the year after it."""
    first = today - timedelta(weeks=WEEKS)
    starts_on, ends_on = date(first.year - 1, 1, 1).isoformat(), date(today.year + 1, 12, 31).isoformat()
    dates = {"starts_on": starts_on, "ends_on": ends_on}
    handed_over = first + timedelta(weeks=HANDED_OVER_AFTER_WEEKS)
    months = sorted({(first + timedelta(days=day)).strftime("%Y-%m") for day in range(7 * WEEKS + 1)})
    return [_riverside(dates, handed_over, months), _hillside(dates, months)]


def _both(en: str, zh: str) -> dict[str, str]:
    return {"en": en, "zh": zh}


def _riverside(dates: dict[str, str], handed_over: date, months: list[str]) -> dict[str, Any]:
    return {
        "agency": {
            "slug": RIVERSIDE,
            "name": _both("Riverside District Services", "临江区公共服务中心"),
            "timezone": "Asia/Shanghai",
            "languages": ["en", "zh"],
            "emergency_number": "110 / 119 / 120",
            "calendar": {
                "weekdays": [0, 1, 2, 3, 4],
                "start": "09:00",
                "end": "17:30",
                # Mid-autumn and the National Day week of 2026, with the days worked in exchange; New Year's Day.
                "holidays": [
                    "2026-09-25",
                    *[f"2026-10-{day:02}" for day in range(1, 8)],
                    "2027-01-01",
                ],
                "extra_workdays": ["2026-09-20", "2026-10-10"],
            },
        },
        "providers": [
            {"slug": "clearway", "name": _both("Clearway Ltd", "清道环卫有限公司"), "kind": "firm"},
            {
                "slug": "greenhand",
                "name": _both("Greenhand Cooperative", "绿手合作社"),
                "kind": "social_organisation",
            },
            {
                "slug": "sunrise",
                "name": _both("Sunrise Social Work Service", "朝阳社会工作服务社"),
                "kind": "social_organisation",
            },
        ],
        "contracts": [
            {
                "reference": STREETS,
                "title": _both("Street cleaning, old town", "老城片区街道保洁"),
                "service": _both("Street cleaning", "街道保洁"),
                "also_called": _both("rubbish, litter, trash, bins, dirty street", "垃圾, 卫生, 扫地, 垃圾桶"),
                "provider": "clearway",
                **dates,
                **_worth(2_400_000, "CNY", 5_200, months),
                "sites": [
                    _site("RS-BIN-01", _both("Market Hall", "菜市场"), _both("8 Market Street", "市场街8号")),
                    _site("RS-BIN-02", _both("Ferry Steps", "渡口台阶"), _both("2 Quay Road", "码头路2号")),
                    _site("RS-BIN-03", _both("Library Lane", "图书馆弄"), _both("31 Library Lane", "图书馆弄31号")),
                    _ferry_square({"until": (handed_over - timedelta(days=1)).isoformat()}),
                ],
                "clauses": [
                    _clause("1", _both("Swept and emptied on time", "按时清扫清运"), ["timeliness"], 8, 24),
                    _clause("2", _both("Clean and safe", "干净安全"), ["cleanliness", "quality", "safety"], 8, 24),
                    _clause("3", _both("Conduct of crews", "作业人员态度"), ["staff"], 8, 40),
                ],
                "kpis": _kpis(0.9, 0.85),
            },
            {
                "reference": PARKS,
                "title": _both("Parks and squares", "公园与广场养护"),
                "service": _both("Park upkeep", "公园养护"),
                "also_called": _both("trees, grass, playground, benches", "绿化, 树, 草坪, 长椅"),
                "provider": "greenhand",
                **dates,
                **_worth(860_000, "CNY", 1_900, months),
                "sites": [
                    _site("RS-PARK-01", _both("Lotus Pond Park", "荷塘公园"), _both("1 Pond Road", "荷塘路1号")),
                    _site("RS-PARK-02", _both("Riverbank Garden", "滨江花园"), _both("Riverside Walk", "滨江步道")),
                    _ferry_square({"from": handed_over.isoformat()}),
                ],
                "clauses": [
                    _clause(
                        "1", _both("Repairs and opening hours", "维修与开放时间"), ["timeliness", "access"], 16, 40
                    ),
                    _clause("2", _both("Safe and clean", "安全整洁"), ["safety", "cleanliness"], 8, 24),
                    _clause("3", _both("Staff and notices", "服务与告示"), ["staff", "information"], 16, 40),
                ],
                "kpis": _kpis(0.9, 0.8),
            },
            {
                "reference": CARE,
                "title": _both("Home care for older residents", "居家养老服务"),
                "service": _both("Home care", "居家养老"),
                "also_called": _both("carer, elderly, old people, nurse", "护工, 老人, 上门, 护理"),
                "provider": "sunrise",
                **dates,
                **_worth(3_100_000, "CNY", 2_700, months),
                "sites": [
                    _site("RS-CARE-01", _both("Home visits, North", "上门服务（北片）"), None),
                    _site("RS-CARE-02", _both("Home visits, South", "上门服务（南片）"), None),
                    _site(
                        "RS-CARE-03",
                        _both("Day room, Bridge Street", "桥街日间照料室"),
                        _both("5 Bridge Street", "桥街5号"),
                    ),
                ],
                "clauses": [
                    _clause("1", _both("Visits as agreed", "按约上门"), ["timeliness", "quality"], 8, 24),
                    _clause("2", _both("Respect and safety", "尊重与安全"), ["staff", "safety"], 4, 24),
                    _clause("3", _both("Information and bills", "信息与账单"), ["information", "cost"], 16, 40),
                ],
                "kpis": _kpis(0.95, 0.85),
            },
        ],
    }


def _hillside(dates: dict[str, str], months: list[str]) -> dict[str, Any]:
    return {
        "agency": {
            "slug": HILLSIDE,
            "name": "Hillside Borough Council",
            "timezone": "Europe/London",
            "languages": ["en"],
            "emergency_number": "999",
            "contact": "access@hillside.example, 0131 496 0000",
            "calendar": {
                "weekdays": [0, 1, 2, 3, 4],
                "start": "08:30",
                "end": "17:30",
                "holidays": ["2026-08-31", "2026-12-25", "2026-12-28", "2027-01-01"],
                "extra_workdays": [],
            },
        },
        "providers": [
            {"slug": "upline", "name": "Upline Lifts Ltd", "kind": "firm"},
            {"slug": "dial-a-ride", "name": "Hillside Community Transport", "kind": "social_organisation"},
            {"slug": "kestrel", "name": "Kestrel Contact Ltd", "kind": "firm"},
        ],
        "contracts": [
            {
                "reference": LIFTS,
                "title": "Lifts in council housing",
                "service": "Lift upkeep",
                "also_called": "elevator, broken lift, stuck",
                "provider": "upline",
                **dates,
                **_worth(410_000, "GBP", 3_400, months),
                "sites": [
                    _site("HS-LIFT-01", "Beacon House", "Beacon Road"),
                    _site("HS-LIFT-02", "Orchard Towers", "12 Orchard Close"),
                    _site("HS-LIFT-03", "Mill Court", "40 Mill Lane"),
                ],
                "clauses": [
                    _clause("1", "Running again quickly", ["timeliness", "access"], 4, 18),
                    _clause("2", "Safe lifts", ["safety", "quality"], 4, 18),
                    _clause("3", "Telling residents", ["information"], 9, 27),
                ],
                "kpis": _kpis(0.9, 0.85),
            },
            {
                "reference": BUS,
                "title": "Community bus, lines 4 and 7",
                "service": "Community bus",
                "also_called": "minibus, transport, driver, stop",
                "provider": "dial-a-ride",
                **dates,
                **_worth(295_000, "GBP", 8_100, months),
                "sites": [
                    _site("HS-BUS-01", "Line 4, Mill Lane to the hospital", None),
                    _site("HS-BUS-02", "Line 7, station to Church Green", None),
                ],
                "clauses": [
                    _clause("1", "On time", ["timeliness"], 9, 45),
                    _clause("2", "Safe, clean and polite", ["safety", "staff", "cleanliness"], 9, 45),
                    _clause("3", "Fares and timetables", ["information", "cost"], 18, 45),
                ],
                "kpis": _kpis(0.85, 0.8),
            },
            {
                "reference": LINE,
                "title": "Clinic phone line",
                "service": "Clinic phone line",
                "also_called": "doctor, appointment, call, GP",
                "provider": "kestrel",
                **dates,
                **_worth(180_000, "GBP", 6_300, months),
                "sites": [_site("HS-LINE-01", "Hillside Clinic, phone line", "3 Church Green")],
                "clauses": [
                    _clause("1", "Calls answered", ["timeliness"], 4, 18),
                    _clause("2", "Helpful and right", ["staff", "quality"], 9, 27),
                    _clause("3", "Open to everybody", ["access", "information"], 9, 45),
                ],
                "kpis": _kpis(0.9, 0.85),
            },
        ],
    }


def _worth(value: int, currency: str, units: int, months: list[str]) -> dict[str, Any]:
    """What a contract costs, and how much of its service was delivered in each month, a little more or less."""
    volume = {month: units + units * (nth % 3 - 1) // 20 for nth, month in enumerate(months)}
    return {"value": value, "currency": currency, "volume": volume}


def _site(code: str, name: dict[str, str] | str, address: dict[str, str] | str | None) -> dict[str, Any]:
    position = dict(zip(("latitude", "longitude"), POSITIONS[code], strict=True)) if code in POSITIONS else {}
    return {"code": code, "name": name} | ({"address": address} if address else {}) | position


def _ferry_square(dates: dict[str, str]) -> dict[str, Any]:
    name = _both("Ferry Square", "渡口广场")
    return _site(HANDED_OVER, name, _both("1 Ferry Square", "渡口广场1号")) | dates


def _clause(
    code: str, title: dict[str, str] | str, aspects: list[str], respond: float, resolve: float
) -> dict[str, Any]:
    return {
        "code": code,
        "title": title,
        "aspects": aspects,
        "respond_within_hours": respond,
        "resolve_within_hours": resolve,
    }


def _kpis(responds: float, resolves: float) -> list[dict[str, Any]]:
    """Answered on time, solved, and seldom reopened; the cut-offs follow the targets."""
    at_least = [("K1", "on_time_response_rate", responds), ("K2", "resolution_rate", resolves)]
    return [
        {
            "code": code,
            "measure": measure,
            "direction": "at_least",
            "target": target,
            "approaching": round(target - 0.1, 2),
            "inadequate": round(target - 0.3, 2),
            "minimum_n": 10,
        }
        for code, measure, target in at_least
    ] + [
        {
            "code": "K3",
            "measure": "reopen_rate",
            "direction": "at_most",
            "target": 0.1,
            "approaching": 0.15,
            "inadequate": 0.3,
            "minimum_n": 10,
        }
    ]
