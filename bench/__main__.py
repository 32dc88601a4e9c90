"""Measures speed and size and prints a table: goal and figure.

``python -m bench --quick`` is for looking whether it runs.
"""

import argparse
import os
import platform
import sys
import tempfile
from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from bench import page_audit, page_weight, public_page, report_speed, scale, submissions
from bench.installation import fresh
from bench.load import AT_ONCE

KILOBYTE = 1024
PARTS = ("submissions", "photos", "page", "visit", "lighthouse", "report", "open", "scale")

MUST_HOLD = {"page", "lighthouse"}
"""What hardly depends on the machine: a figure of these that falls short makes the bench fail."""


@dataclass(frozen=True)
class Figure:
    """One line of the table."""

    what: str
    goal: str
    found: str
    is_good: bool


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m bench", description=__doc__.splitlines()[0])
    parser.add_argument("parts", nargs="*", metavar="PART", help=f"only some of: {', '.join(PARTS)}")
    parser.add_argument("--rounds", type=int, default=5, help="rounds of limit and product in turn")
    parser.add_argument("--residents", type=int, default=1_500, help="residents in each round")
    parser.add_argument("--feedback", type=int, default=100_000, help="feedback in the database for the report")
    parser.add_argument("--scale", type=int, default=scale.MANY, help="feedback in the full database")
    parser.add_argument("--quick", action="store_true", help="little of everything")
    asked = parser.parse_args()
    if asked.quick:
        asked.rounds, asked.residents, asked.feedback = 2, 200, 5_000
        asked.scale = 20_000
    unknown = set(asked.parts) - set(PARTS)
    if unknown:
        parser.error(f"no part is called {', '.join(sorted(unknown))}")

    print(f"{machine()}\n")
    print(f"{'':<52} {'goal':>12} {'measured':>12}")
    measures: dict[str, Callable[[Path], Iterator[Figure]]] = {
        "submissions": lambda folder: of_submissions(folder, asked.rounds, asked.residents),
        "photos": lambda folder: of_photos(folder, asked.rounds, max(asked.residents // 5, 100)),
        "page": of_the_form,
        "visit": of_a_visit,
        "lighthouse": of_lighthouse,
        "report": lambda folder: of_the_report(folder, asked.feedback),
        "open": of_the_public_page,
        "scale": lambda _folder: at_scale(asked.rounds, asked.scale),
    }
    failed = False
    with tempfile.TemporaryDirectory(prefix="answerable-bench-") as folder:
        for part in asked.parts or PARTS:
            try:
                for figure in measures[part](Path(folder)):
                    mark = "" if figure.is_good else "  falls short"
                    failed |= part in MUST_HOLD and not figure.is_good
                    print(f"{figure.what:<52} {figure.goal:>12} {figure.found:>12}{mark}", flush=True)
            except RuntimeError as why:
                print(f"{part}: could not be measured: {why}", flush=True)
    sys.exit(failed)


def of_submissions(folder: Path, rounds: int, residents: int) -> Iterator[Figure]:
    made = submissions.measure(folder, rounds, residents)
    yield Figure("Accepted flows, to the limit's", "≥ 0.35", f"{made.ratio:.2f}", made.ratio >= 0.35)
    yield Figure("95th percentile of a flow, to the limit's", "≤ 3.0", f"{made.p95_ratio:.2f}", made.p95_ratio <= 3)
    stored = f"{made.stored[1]} of {made.expected[1]}"
    yield Figure("Accepted and in the database", "all", stored, made.nothing_left_out)
    megabytes = made.kilobytes / KILOBYTE
    yield Figure("Memory of the web afterwards (PSS)", "≤ 250 MB", f"{megabytes:.0f} MB", megabytes <= 250)
    print_rounds(made, rounds, residents)


def of_photos(folder: Path, rounds: int, residents: int) -> Iterator[Figure]:
    photo = submissions.a_photo()
    made = submissions.measure(folder / "with-photos", rounds, residents, photo)
    yield Figure("With a photo: accepted flows, to the limit's", "≥ 0.35", f"{made.ratio:.2f}", made.ratio >= 0.35)
    yield Figure("With a photo: 95th percentile", "≤ 3.0", f"{made.p95_ratio:.2f}", made.p95_ratio <= 3)
    stored = f"{made.stored[1]} of {made.expected[1]}"
    yield Figure("With a photo: accepted and in the database", "all", stored, made.nothing_left_out)
    megabytes = made.kilobytes / KILOBYTE
    yield Figure("With a photo: memory of the web afterwards", "≤ 250 MB", f"{megabytes:.0f} MB", megabytes <= 250)
    print(f"\n  each with a photo of {len(photo) / KILOBYTE:.0f} KB", end="")
    print_rounds(made, rounds, residents)


def print_rounds(made: submissions.Submissions, rounds: int, residents: int) -> None:
    print(
        f"\n  {rounds} rounds of {residents} residents, {AT_ONCE} at once; 4 kB are durable in {made.commit_ms:.2f} ms"
    )
    print(f"  {'round':<8}{'flows/s limit':>15}{'product':>10}{'p95 ms limit':>15}{'product':>10}{'client busy':>14}")
    for number, (least, ours) in enumerate(made.rounds, start=1):
        print(
            f"  {number:<8}{least.per_second:>15.0f}{ours.per_second:>10.0f}{least.p95 * 1000:>15.0f}"
            f"{ours.p95 * 1000:>10.0f}{max(least.client_share, ours.client_share):>14.0%}"
        )
    for what, times in made.refused.items():
        print(f"  not accepted, {times} times: {what}")
    print()


def of_the_form(folder: Path) -> Iterator[Figure]:
    weight = page_weight.measure(fresh(folder / "page"), submissions.FORM)
    needed, whole = weight.needed / KILOBYTE, weight.all / KILOBYTE
    yield Figure("Form on a first visit, HTML and CSS, compressed", "≤ 14 KB", f"{needed:.1f} KB", needed <= 14)
    yield Figure("All that a first visit asks for, compressed", "≤ 30 KB", f"{whole:.1f} KB", whole <= 30)
    yield Figure("Requests of a first visit", "≤ 6", str(weight.requests), weight.requests <= 6)
    print(
        f"\n  HTML {weight.page / KILOBYTE:.1f} KB, CSS {weight.styles / KILOBYTE:.1f} KB; not needed: scripts"
        f" {weight.scripts / KILOBYTE:.1f} KB, what works without a line {weight.offline / KILOBYTE:.1f} KB\n"
    )


def of_a_visit(folder: Path) -> Iterator[Figure]:
    milliseconds, ratio = page_audit.visit_ratio(folder, submissions.FORM)
    yield Figure("Server's time for the form, to the limit's", "≤ 4.0", f"{ratio:.1f}", ratio <= 4)
    print(f"\n  {milliseconds:.1f} ms\n")


def of_lighthouse(folder: Path) -> Iterator[Figure]:
    made = page_audit.audit(folder, submissions.FORM)
    for what, score in made.scores.items():
        yield Figure(f"Lighthouse on a phone: {what}", "100", str(score), score == 100)
    paint, shift = made.largest_paint, made.layout_shift
    yield Figure("Largest paint, slow 4G simulated", "≤ 0.9 s", f"{paint:.2f} s", paint <= 0.9)
    yield Figure("Layout shift", "0", f"{shift:.3g}", shift == 0)
    print()


def of_the_report(folder: Path, feedback: int) -> Iterator[Figure]:
    made = report_speed.measure(fresh(folder / "report"), feedback, times=15)
    what = f"Report of a contract and quarter, {made.feedback} feedback"
    yield Figure(what, "≤ 200 ms", f"{made.page * 1000:.0f} ms", made.page <= 0.2)
    print(f"\n  The report counts {made.in_report} feedback; as JSON {made.json * 1000:.0f} ms\n")


def of_the_public_page(folder: Path) -> Iterator[Figure]:
    made = public_page.measure(folder / "open")
    what = f"Public page of a month and {made.contracts} contracts"
    yield Figure(what, "≤ 20 ms", f"{made.page * 1000:.1f} ms", made.page <= 0.02)
    kilobytes = made.weight / KILOBYTE
    yield Figure("Public page, HTML and CSS, compressed", "≤ 30 KB", f"{kilobytes:.1f} KB", kilobytes <= 30)
    print(f"\n  of its processor {made.processor * 1000:.1f} ms\n")


def at_scale(rounds: int, feedback: int) -> Iterator[Figure]:
    few = None
    for made in scale.measure(3 * rounds, feedback):
        of = f"{made.feedback:,}, {made.database}"
        if few is None or few.database != made.database:
            few = made
            print_scale(made)
            continue
        # Of PostgreSQL's own work the processor of this process says nothing.
        growth = made.growth or scale.Timed(0, 0)
        times, grown = growth.processor, made.kilobytes_after / made.kilobytes_before
        if made.database == "postgresql":
            times = growth.clock
        yield _milliseconds(f"Report of a contract and quarter, {of}", made.page, 0.2)
        yield _milliseconds(f"Report of this quarter so far, {of}", made.page_now, 0.2)
        yield _milliseconds(f"Overview of all contracts, {of}", made.overview, 0.3)
        yield _milliseconds(f"Figures of all contracts, {of}", made.figures, 0.3)
        yield _milliseconds(f"Page of a contract, {of}", made.contract, 0.3)
        yield _milliseconds(f"Slowest view of the inbox, {of}", made.inbox, 0.3)
        yield Figure(f"Report, growth from {few.feedback:,}, {made.database}", "≤ 1.3", f"{times:.2f}", times <= 1.3)
        yield Figure(f"Memory (PSS) after to before, {made.database}", "≤ 1.3", f"{grown:.2f}", grown <= 1.3)
        yield _milliseconds("Slowest chart, when made", made.chart, 0.4)
        yield _milliseconds("Chart that is kept", made.chart_kept, 0.005)
        yield _milliseconds("PDF of a contract and quarter, charts drawn", made.pdf, 2)
        yield _milliseconds(f"Public page of a month, {of}", made.open, 0.02)
        print_scale(made)


def _milliseconds(what: str, found: scale.Timed, goal: float) -> Figure:
    return Figure(what, f"≤ {goal * 1000:.0f} ms", f"{found.clock * 1000:.1f} ms", found.clock <= goal)


def _told(found: scale.Timed) -> str:
    return f"{found.clock * 1000:.0f} ms (processor {found.processor * 1000:.0f})"


def print_scale(made: scale.Scale) -> None:
    scans = {"DuckDB": made.duckdb, "PostgreSQL": made.postgresql}
    print(
        f"\n  {made.database}, {made.feedback:,} feedback, {made.rounds} rounds, over {made.in_report:,} in the report:"
    )
    for what, found in (
        ("page", made.page),
        ("this quarter", made.page_now),
        ("as JSON", made.json),
        ("all of it from the events", made.whole),
        ("overview", made.overview),
        ("figures of all contracts", made.figures),
        ("slowest chart", made.chart),
        ("PDF", made.pdf),
        ("public page", made.open),
        ("page of a contract", made.contract),
        (f"slowest inbox ({made.slowest_inbox})", made.inbox),
        *((f"scan by {name}", found) for name, found in scans.items() if found),
    ):
        print(f"    {what:<28}{_told(found)}")
    counted = f", counted in {made.counted_in:.0f} s" if made.counted_in > 1 else ""
    memory = [kilobytes / KILOBYTE for kilobytes in (made.kilobytes_before, made.kilobytes_after)]
    if made.growth:
        print(f"    growth: {made.growth.clock:.2f} by the clock, {made.growth.processor:.2f} of the processor")
    print(f"    {made.days:,} days are kept{counted}; memory {memory[0]:.0f} MB before, {memory[1]:.0f} MB after\n")


def machine() -> str:
    """What this was measured on, in a line."""
    model = platform.processor() or platform.machine()
    with suppress(OSError):
        lines = Path("/proc/cpuinfo").read_text().splitlines()
        model = next((line.split(":")[1].strip() for line in lines if line.startswith("model name")), model)
    memory = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 2**30
    busy = os.getloadavg()[0]
    return (
        f"{os.cpu_count()} × {model}, {memory:.0f} GB, Linux {platform.release()}, Python {platform.python_version()},"
        f" SQLite; load before: {busy:.1f}"
    )


if __name__ == "__main__":
    main()
