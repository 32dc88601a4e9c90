"""Feedback taken in per second, beside the least that the same server, store and durability need."""

import os
import random
import sqlite3
import statistics
import time
from collections import Counter
from dataclasses import dataclass
from io import BytesIO
from pathlib import Path

from PIL import Image

from bench import limit_server, load
from bench.installation import fresh, product
from bench.load import Outcome
from bench.memory import proportional_kilobytes

FORM = "/give/LS-001"
WARM_UP = 100


@dataclass(frozen=True)
class Submissions:
    """The rounds, each a pair (limit, product), and what was found in the databases and in memory afterwards."""

    rounds: tuple[tuple[Outcome, Outcome], ...]
    stored: tuple[int, int]
    expected: tuple[int, int]
    kilobytes: int
    commit_ms: float

    @property
    def ratio(self) -> float:
        """Accepted flows per second, product to limit: the median of the rounds."""
        return statistics.median(ours.per_second / least.per_second for least, ours in self.rounds)

    @property
    def p95_ratio(self) -> float:
        """The flow's 95th percentile, product to limit: the median of the rounds."""
        return statistics.median(ours.p95 / least.p95 for least, ours in self.rounds)

    @property
    def refused(self) -> Counter[str]:
        return sum((outcome.refused for pair in self.rounds for outcome in pair), Counter[str]())

    @property
    def nothing_left_out(self) -> bool:
        """Whether every resident saw a reference of their own, and the databases hold exactly those."""
        all_accepted = all(
            outcome.accepted == outcome.asked == len(outcome.references) for pair in self.rounds for outcome in pair
        )
        return all_accepted and self.stored == self.expected


def measure(folder: Path, rounds: int, residents: int, photo: bytes = b"") -> Submissions:
    """Play ``residents`` against the limit and against the product in turn, ``rounds`` times."""
    folder.mkdir(exist_ok=True)
    var = folder / "submissions"
    fresh(var)
    commit_ms = commit_milliseconds(folder)
    with limit_server.limit(folder) as least, product(var) as ours:
        for server, path in ((least, "/form"), (ours, FORM)):
            warm = load.play(server, path, WARM_UP, photo)
            if warm.accepted < WARM_UP:
                raise RuntimeError(f"{server.url}{path} does not take in feedback: {dict(warm.refused)}")
        pairs = tuple(
            (load.play(least, "/form", residents, photo), load.play(ours, FORM, residents, photo))
            for _ in range(rounds)
        )
        kilobytes = proportional_kilobytes(ours.pid)
    return Submissions(
        rounds=pairs,
        stored=(limit_server.rows(folder), rows(var / "answerable.db", with_photo=bool(photo))),
        expected=(WARM_UP + sum(pair[0].accepted for pair in pairs), WARM_UP + sum(pair[1].accepted for pair in pairs)),
        kilobytes=kilobytes,
        commit_ms=commit_ms,
    )


def a_photo() -> bytes:
    """A photo as a phone sends it once it has shrunk it: 1600 pixels, as hard to press as leaves and gravel are."""
    dice = random.Random(7)
    coarse = Image.frombytes("RGB", (200, 150), dice.randbytes(200 * 150 * 3)).resize(
        (1600, 1200), Image.Resampling.BICUBIC
    )
    written = BytesIO()
    coarse.save(written, "JPEG", quality=80)
    return written.getvalue()


def rows(database: Path, *, with_photo: bool) -> int:
    """How many feedback with their words, and with a photo where one was sent, the product's database holds."""
    connection = sqlite3.connect(database)
    photo = "JOIN photo ON photo.feedback_id = feedback.id" if with_photo else ""
    found: int = connection.execute(
        f"SELECT count(*) FROM feedback JOIN feedback_words ON feedback_words.feedback_id = feedback.id {photo}"
    ).fetchone()[0]
    connection.close()
    return found


def commit_milliseconds(folder: Path, times: int = 100) -> float:
    """The median time in which this disk makes 4 kB durable: what every commit waits for."""
    file = os.open(folder / "durable", os.O_CREAT | os.O_WRONLY, 0o600)
    took = []
    for number in range(times):
        began = time.perf_counter()
        os.pwrite(file, b"." * 4096, number * 4096)
        os.fdatasync(file)
        took.append(time.perf_counter() - began)
    os.close(file)
    return statistics.median(took) * 1000
