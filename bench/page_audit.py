"""What Lighthouse says of the resident's form on a slow phone, and how long its server takes beside the yardstick's."""

import json
import os
import shutil
import statistics
import subprocess
import time
from contextlib import closing
from dataclasses import dataclass
from http.client import HTTPConnection
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from bench import limit_server
from bench.installation import fresh, product
from bench.serving import Server

TOOL = Path(__file__).with_name("lighthouse")
CATEGORIES = {
    "performance": "performance",
    "accessibility": "accessibility",
    "best-practices": "best practices",
    "seo": "search engines",
}
VISITS = 400
TURNS = 5


@dataclass(frozen=True)
class Audit:
    """Scores of 0 to 100, the largest paint in seconds on simulated slow 4G, the layout shift: medians of the runs."""

    scores: dict[str, int]
    largest_paint: float
    layout_shift: float


def audit(folder: Path, path: str, runs: int = 3) -> Audit:
    """Look at the form ``runs`` times, each on a first visit; ``RuntimeError`` where Node or Chromium is not here."""
    browser = shutil.which("chromium") or shutil.which("google-chrome")
    if not (shutil.which("npm") and browser):
        raise RuntimeError("needs Node and Chromium")
    if not (TOOL / "node_modules").is_dir():
        run(["npm", "ci", "--no-audit", "--no-fund", "--silent"], TOOL, os.environ)
    var = folder / "audit"
    fresh(var)
    with product(var) as server:
        found = [look_at(server.url + path, browser, folder / f"profile-{number}") for number in range(runs)]
    return Audit(
        scores={
            said: round(100 * statistics.median(each["categories"][name]["score"] or 0 for each in found))
            for name, said in CATEGORIES.items()
        },
        largest_paint=statistics.median(number_of(each, "largest-contentful-paint") for each in found) / 1000,
        layout_shift=statistics.median(number_of(each, "cumulative-layout-shift") for each in found),
    )


def look_at(address: str, browser: str, profile: Path) -> dict[str, Any]:
    """Lighthouse's own report of one visit: a phone, slow 4G simulated, as it does by default."""
    flags = f"--headless --no-sandbox --disable-gpu --user-data-dir={profile}"
    command = ["node", "node_modules/lighthouse/cli/index.js", address, "--output=json", "--quiet"]
    told = run([*command, f"--chrome-flags={flags}"], TOOL, os.environ | {"CHROME_PATH": browser})
    report: dict[str, Any] = json.loads(told)
    if report.get("runtimeError"):
        raise RuntimeError(report["runtimeError"]["message"])
    return report


def number_of(report: dict[str, Any], name: str) -> float:
    found: float = report["audits"][name]["numericValue"]
    return found


def run(command: list[str], folder: Path, environment: Any) -> str:
    """What a program prints; ``RuntimeError`` with what it complains of."""
    done = subprocess.run(command, cwd=folder, env=environment, capture_output=True, text=True)
    if done.returncode != 0:
        raise RuntimeError(f"{command[0]} failed: {done.stderr.strip()[-300:]}")
    return done.stdout


def visit_ratio(folder: Path, path: str) -> tuple[float, float]:
    """Milliseconds in which the product's server gives the form, and how many times the yardstick's that is.

    Both are asked in turn, over a connection that stays open; the median of the turns' medians counts.
    """
    var = folder / "visit"
    fresh(var)
    with limit_server.limit(folder) as least, product(var) as ours:
        turns = [(median_visit(ours, path), median_visit(least, "/form")) for _ in range(TURNS)]
    return statistics.median(ours for ours, _ in turns) * 1000, statistics.median(ours / least for ours, least in turns)


def median_visit(server: Server, path: str) -> float:
    """Seconds from asking for a page to having it whole."""
    there = urlsplit(server.url)
    took = []
    with closing(HTTPConnection(there.hostname or "", there.port)) as line:
        for _ in range(VISITS):
            began = time.perf_counter()
            line.request("GET", path, headers={"Accept": "text/html", "Accept-Encoding": "gzip"})
            answer = line.getresponse()
            answer.read()
            took.append(time.perf_counter() - began)
            if answer.status != 200:
                raise RuntimeError(f"{path}: status {answer.status}")
    return statistics.median(took)
