"""Draws the charts: Vega-Lite specifications, made into SVG by vl-convert. Heavy: for worker and commands only.

The specification is written here as it stands in Vega-Lite's own words; it needs no library to write it.
"""

import json
import re
from collections.abc import Iterable
from functools import cache
from pathlib import Path
from types import ModuleType
from typing import Any

FONTS = Path(__file__).parent / "fonts"
FONT = "Noto Sans SC, system-ui, sans-serif"
VEGA_LITE = "6.1"

# Dark on white beyond 4.5:1 for words, 3:1 for shapes; light and dark tell parts apart without colour.
BRAND, LINE, TEXT, QUIET = "#0c5457", "#c6d6d4", "#14211f", "#475855"
BAND, WARN, NEUTRAL, SHADE = "#cfe3e1", "#b3261e", "#c3cccb", "#eef5f4"

WIDTHS = {"wide": 640, "narrow": 300}
"""The room for the picture itself, in CSS pixels: for a desk and for a phone."""

Spec = dict[str, Any]


def draw(name: str, data: dict[str, Any], size: str = "wide") -> str:
    """The SVG of a chart from its data alone. ``KeyError`` where there is no such chart."""
    spec = SPECS[name](data, WIDTHS[size]) | {
        "$schema": "https://vega.github.io/schema/vega-lite/v6.json",
        "background": "white",
        # Readers' own letters may be wider than those it was measured with.
        "padding": {"left": 22, "top": 4, "right": 8, "bottom": 4},
        "config": _config(size),
    }
    svg: str = _converter().vegalite_to_svg(spec, vl_version=VEGA_LITE)
    return svg


def draw_png(name: str, data: dict[str, Any], scale: float = 2) -> bytes:
    """The same as a PNG, for letters: ``scale`` pixels for each CSS pixel."""
    spec = SPECS[name](data, WIDTHS["narrow"]) | {
        "$schema": "https://vega.github.io/schema/vega-lite/v6.json",
        "background": "white",
        "padding": 6,
        "config": _config("narrow"),
    }
    png: bytes = _converter().vegalite_to_png(spec, vl_version=VEGA_LITE, scale=scale)
    return png


@cache
def _converter() -> ModuleType:
    import vl_convert

    vl_convert.register_font_directory(str(FONTS))
    return vl_convert


def _config(size: str) -> Spec:
    letters = {"labelFontSize": 12, "titleFontSize": 12, "titleFontWeight": "normal"}
    return {
        "font": FONT,
        "view": {"stroke": None},
        "axis": {**letters, "labelColor": TEXT, "titleColor": QUIET, "gridColor": "#e6eceb", "domainColor": LINE}
        | {"tickColor": LINE, "labelLimit": 240 if size == "wide" else 130},
        "legend": {**letters, "title": None, "orient": "top", "labelColor": TEXT, "labelLimit": 260}
        | {"columns": 3 if size == "wide" else 1},
        "text": {"font": FONT, "fontSize": 12, "color": TEXT},
    }


def _share_axis(title: str, **more: Any) -> Spec:
    return {"title": title, "axis": {"format": ".0%", "tickCount": 5}, "scale": {"domain": [0, 1]}, **more}


LETTER, SIGN = 6.5, 12.5
"""How wide letters and Chinese signs are at most, at the size of labels, in pixels."""

CODE_ALONE = 64
"""With less room than this in pixels, a name would be cut: the code before it must do, and the table says the rest."""


HEAD_LINES = 5


def in_lines(text: str, room: float, most: int) -> list[str]:
    """A label in lines as wide as ``room`` allows: parted between words, Chinese anywhere; cut after ``most``."""
    lines = [""]
    for piece in re.findall(r"[\u2e80-\uffef]|[^\s\u2e80-\uffef]+|\s+", text):
        if _wide(lines[-1] + piece) > room and lines[-1].strip():
            lines.append("")
        lines[-1] += piece if lines[-1] else piece.lstrip()
    lines = [line.rstrip() for line in lines if line.strip()]
    return lines if len(lines) <= most else [*lines[: most - 1], lines[most - 1] + " …"]


def _wide(text: str) -> float:
    return sum(SIGN if sign >= "\u2e80" else LETTER for sign in text)


def _labels(texts: Iterable[str], room: float, most: int) -> Spec:
    """What parts the labels of an axis of names into lines."""
    lines = {text: in_lines(text, room, most) for text in texts}
    return {"labelExpr": f"{json.dumps(lines)}[datum.value]", "labelLimit": room + 10}


def _shares_below(width: int) -> Spec:
    """An axis of shares below a picture; on a phone there is room for its ends and its middle."""
    axis: Spec = {"format": ".0%", "values": [0, 0.5, 1]} if _is_narrow(width) else {"format": ".0%", "tickCount": 5}
    return {"title": "", "axis": axis, "scale": {"domain": [0, 1]}}


def _is_narrow(width: int) -> bool:
    return width < WIDTHS["wide"]


def _room_for_names(width: int) -> int:
    return 130 if _is_narrow(width) else 240


def trend(data: dict[str, Any], width: int) -> Spec:
    """A line with its band of 95 %; weeks that can still change are hollow; the target is dashed."""
    day = "%-m月%-d日" if data["language"] == "zh" else "%-d %b"
    since, until = data["period"]
    weeks = {"x": {"field": "week", "type": "temporal", "title": None, "axis": {"format": day, "tickCount": 6}}}
    value = {"field": "value", "type": "quantitative", **_share_axis(data["texts"]["value"])}
    layers: list[Spec] = [
        {
            "data": {"values": [{"since": max(since, data["weeks"][0]["week"]), "until": until}]},
            "mark": {"type": "rect", "color": SHADE},
            "encoding": {"x": {"field": "since", "type": "temporal"}, "x2": {"field": "until"}},
        },
        {
            "mark": {"type": "area", "color": BAND, "opacity": 0.9},
            "encoding": {
                **weeks,
                "y": {"field": "low", "type": "quantitative", **_share_axis(data["texts"]["value"])},
                "y2": {"field": "high"},
            },
        },
        {"mark": {"type": "line", "color": BRAND, "strokeWidth": 2}, "encoding": {**weeks, "y": value}},
        {
            "mark": {"type": "point", "filled": True, "size": 55, "stroke": BRAND, "strokeWidth": 2, "opacity": 1},
            "encoding": {
                **weeks,
                "y": value,
                "fill": {"condition": {"test": "datum.provisional", "value": "white"}, "value": BRAND},
            },
        },
    ]
    if data["target"] is not None:
        layers += _across(data["target"], data["texts"]["target"])
    return {"data": {"values": data["weeks"]}, "width": width, "height": 220, "layer": layers}


def _across(value: float, text: str) -> list[Spec]:
    """A dashed line over the whole width, with its name at its right end."""
    at = {"y": {"datum": value, "type": "quantitative"}}
    label = {"type": "text", "align": "right", "baseline": "bottom", "dy": -3, "color": WARN, "text": text}
    return [
        {"data": {"values": [{}]}, "mark": {"type": "rule", "color": WARN, "strokeDash": [5, 4]}, "encoding": at},
        {"data": {"values": [{}]}, "mark": label, "encoding": {**at, "x": {"value": {"expr": "width"}}}},
    ]


def response(data: dict[str, Any], width: int) -> Spec:
    """A staircase down from all; ticks are cases that still wait; the limits stand dashed."""
    texts = data["texts"]
    x = {"field": "hours", "type": "quantitative", "title": texts["hours"]}
    y = {"field": "share", "type": "quantitative", **_share_axis(texts["share"])}
    limits = [{"hours": hours} for hours in data["limits"]]
    layers: list[Spec] = [
        {
            "data": {"values": data["steps"]},
            "mark": {"type": "line", "interpolate": "step-after", "color": BRAND, "strokeWidth": 2},
            "encoding": {"x": x, "y": y},
        },
        {
            "data": {"values": data["cut_off"]},
            "mark": {"type": "point", "shape": "stroke", "angle": 90, "size": 90, "color": TEXT},
            "encoding": {"x": x, "y": y},
        },
        {
            "data": {"values": limits},
            "mark": {"type": "rule", "color": WARN, "strokeDash": [5, 4]},
            "encoding": {"x": x},
        },
        {
            "data": {"values": limits[-1:]},
            "mark": {
                "type": "text",
                "align": "left",
                "dx": 4,
                "baseline": "top",
                "color": WARN,
                "text": texts["limit"],
            },
            "encoding": {"x": x, "y": {"value": 2}},
        },
    ]
    return {"width": width, "height": 220, "layer": layers}


def aspects(data: dict[str, Any], width: int) -> Spec:
    """A bar for each aspect, parted by tone."""
    order = list(dict.fromkeys(row["aspect"] for row in data["rows"]))
    tones = data["tones"]
    ranked = [{**row, "rank": tones.index(row["tone"])} for row in data["rows"]]
    return {
        "data": {"values": ranked},
        "width": width,
        "height": {"step": 30},
        "mark": {"type": "bar", "height": 20},
        "encoding": {
            "y": {"field": "aspect", "type": "nominal", "sort": order, "title": None},
            "x": {"field": "n", "type": "quantitative", "title": data["texts"]["n"], "axis": {"tickMinStep": 1}},
            "color": {
                "field": "tone",
                "type": "nominal",
                "sort": tones,
                "scale": {"domain": tones, "range": [WARN, NEUTRAL, BRAND]},
            },
            "order": {"field": "rank", "type": "quantitative"},
        },
    }


def kpis(data: dict[str, Any], width: int) -> Spec:
    """A point with its interval for each KPI, and its target as a stroke."""
    order = [row["kpi"] for row in data["rows"]]
    names = _labels(order, _room_for_names(width), 2)
    y = {"field": "kpi", "type": "nominal", "sort": order, "title": None, "axis": names}
    texts = data["texts"]

    def x(field: str) -> Spec:
        return {"field": field, "type": "quantitative", **_shares_below(width)}

    colours = {"domain": [texts["value"], texts["target"]], "range": [BRAND, WARN]}
    return {
        "data": {"values": data["rows"]},
        "width": width - 60 if _is_narrow(width) else width - 120,
        "height": {"step": 36},
        "layer": [
            {
                "mark": {"type": "rule", "color": BRAND, "strokeWidth": 4, "opacity": 0.35},
                "encoding": {"y": y, "x": x("low"), "x2": {"field": "high"}},
            },
            {
                "mark": {"type": "point", "filled": True, "size": 90, "opacity": 1},
                "encoding": {"y": y, "x": x("value"), "color": {"datum": texts["value"], "scale": colours}},
            },
            {
                "mark": {"type": "tick", "thickness": 3, "size": 24, "opacity": 1},
                "encoding": {"y": y, "x": x("target"), "color": {"datum": texts["target"], "scale": colours}},
            },
        ],
    }


def clauses(data: dict[str, Any], width: int) -> Spec:
    """A field for each clause and KPI, from good to inadequate by colour, and named by its words and share."""
    order = {axis: list(dict.fromkeys(row[axis] for row in data["rows"])) for axis in ("clause", "kpi")}
    fields = width - 60 if _is_narrow(width) else width - 120
    room = fields / len(order["kpi"]) - 6
    heads: Spec = {"labelExpr": "split(datum.label, ' ')[0]"}
    if room >= CODE_ALONE:
        # Lines follow downwards from the first: it must stand as high above the fields as all of them need.
        most = max(len(in_lines(name, room, HEAD_LINES)) for name in order["kpi"])
        heads = {**_labels(order["kpi"], room, HEAD_LINES), "labelLineHeight": 15, "labelPadding": 2 + 15 * (most - 1)}
    place = {
        "y": {"field": "clause", "type": "nominal", "sort": order["clause"], "title": None}
        | {"axis": _labels(order["clause"], _room_for_names(width), 2)},
        "x": {"field": "kpi", "type": "nominal", "sort": order["kpi"], "title": None}
        | {"axis": {"orient": "top", "labelAngle": 0, **heads}},
    }
    colours = {"domain": data["ratings"], "range": [BRAND, "#9fc9c4", "#f3d9a4", WARN, "#eceeee"]}
    ink = {"condition": {"test": "datum.is_dark", "value": "white"}, "value": TEXT}
    fill = {"field": "rating", "type": "nominal", "sort": data["ratings"], "scale": colours}
    return {
        "data": {"values": data["rows"]},
        "width": fields,
        "height": {"step": 40},
        "layer": [
            {"mark": {"type": "rect", "stroke": "white", "strokeWidth": 3}, "encoding": {**place, "color": fill}},
            {
                "mark": {"type": "text", "fontSize": 12},
                "encoding": {**place, "text": {"field": "share"}, "color": ink},
            },
        ],
    }


def funnel(data: dict[str, Any], width: int) -> Spec:
    """Points among control limits that narrow as cases grow."""
    texts = data["texts"]
    n = {"field": "n", "type": "quantitative", "title": texts["n"]}
    limit = {"field": "limit", "type": "nominal", "scale": {"range": [[5, 4], [1, 0]]}}
    layers: list[Spec] = [
        {
            "data": {"values": data["limits"]},
            "mark": {"type": "line", "color": QUIET, "strokeWidth": 1},
            "encoding": {
                "x": n,
                "y": {"field": end, "type": "quantitative", **_share_axis(texts["value"])},
                "strokeDash": limit,
            },
        }
        for end in ("low", "high")
    ]
    layers += _across(data["overall"], texts["overall"])
    value = {"field": "value", "type": "quantitative", **_share_axis(texts["value"])}
    layers += [
        {
            "data": {"values": data["peers"]},
            "mark": {"type": "point", "filled": True, "size": 90, "opacity": 1, "stroke": BRAND},
            "encoding": {
                "x": n,
                "y": value,
                "fill": {"condition": {"test": "datum.is_this", "value": BRAND}, "value": "white"},
            },
        },
        {
            "data": {"values": data["peers"]},
            "mark": {"type": "text", "align": "left", "dx": 8, "fontSize": 10},
            "encoding": {"x": n, "y": value, "text": {"field": "reference"}},
        },
    ]
    return {"width": width, "height": 260, "layer": layers}


def spark(data: dict[str, Any], width: int) -> Spec:
    """A small line of a share week by week, with its target dashed, for a letter; no axis but its ends."""
    x = {"field": "week", "type": "temporal", "axis": None}
    y = {"field": "value", "type": "quantitative", "axis": None, "scale": {"domain": [0, 1]}}
    layers: list[Spec] = [
        {"mark": {"type": "line", "color": BRAND, "strokeWidth": 2}, "encoding": {"x": x, "y": y}},
        {
            "mark": {"type": "point", "filled": True, "size": 26, "color": BRAND, "opacity": 1},
            "encoding": {"x": x, "y": y},
        },
        {
            "transform": [{"filter": "datum.is_last"}],
            "mark": {"type": "text", "align": "left", "dx": 6, "fontSize": 13, "color": TEXT},
            "encoding": {"x": x, "y": y, "text": {"field": "value", "type": "quantitative", "format": ".0%"}},
        },
    ]
    if data["target"] is not None:
        at = {"y": {"datum": data["target"], "type": "quantitative", "scale": {"domain": [0, 1]}}}
        layers.append(
            {"data": {"values": [{}]}, "mark": {"type": "rule", "color": WARN, "strokeDash": [5, 4]}, "encoding": at}
        )
    return {"data": {"values": data["weeks"]}, "width": 200, "height": 44, "layer": layers, "padding": {"right": 44}}


SPECS = {"spark": spark, "funnel": funnel, "trend": trend, "response": response, "aspects": aspects}
SPECS |= {"kpis": kpis, "contracts": kpis, "clauses": clauses}
