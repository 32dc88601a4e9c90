"""Residents at their phones: each opens the form, sends it, and looks for the reference; so many at once, no pause."""

import asyncio
import html
import re
import resource
import time
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from urllib.parse import urljoin

import aiohttp

from bench.serving import Server

AT_ONCE = 16
SECONDS_TO_WAIT = 30
REFERENCE = re.compile(r"<(\w+)[^>]*\bdata-reference\b[^>]*>\s*(?:<bdi>)?([0-9A-Z-]+)(?:</bdi>)?\s*</\1>")
HIDDEN = re.compile(r"<input\b[^>]*\btype=[\"']?hidden[\"']?[^>]*>", re.I)
ATTRIBUTE = re.compile(r"\b([\w-]+)=[\"']([^\"']*)[\"']")
HEADERS = {"Accept": "text/html", "Accept-Language": "en", "User-Agent": "bench"}


class NotAccepted(Exception):
    """A resident who saw no reference; the message says what they saw instead."""


@dataclass(frozen=True)
class Outcome:
    """What became of ``asked`` residents: the seconds that each accepted flow took, what the others saw."""

    asked: int
    seconds: float
    flows: tuple[float, ...]
    references: frozenset[str]
    refused: Counter[str]
    client_share: float
    """The part of one processor that playing the residents took: near 1, it is the client that is measured."""

    @property
    def accepted(self) -> int:
        return len(self.flows)

    @property
    def per_second(self) -> float:
        return self.accepted / self.seconds

    @property
    def p95(self) -> float:
        """Seconds within which 95 of 100 accepted flows were over."""
        return sorted(self.flows)[min(len(self.flows) - 1, int(len(self.flows) * 0.95))]


def hidden_fields(page: str) -> dict[str, str]:
    """The hidden fields of a page with one form, by their looks: to parse the page costs more than to make it."""
    fields = {}
    for tag in HIDDEN.findall(page):
        said = {name.lower(): value for name, value in ATTRIBUTE.findall(tag)}
        if said.get("name"):
            fields[said["name"]] = html.unescape(said.get("value", ""))
    return fields


def play(server: Server, path: str, residents: int, photo: bytes = b"") -> Outcome:
    """Let ``residents`` send the form at ``path``, ``AT_ONCE`` at a time, each with the photo if there is one."""
    return asyncio.run(_play(server, path, residents, photo))


async def _play(server: Server, path: str, residents: int, photo: bytes) -> Outcome:
    flows: list[float] = []
    references: set[str] = set()
    refused = Counter[str]()
    connections = aiohttp.TCPConnector(limit=AT_ONCE)
    patience = aiohttp.ClientTimeout(total=SECONDS_TO_WAIT)
    session = aiohttp.ClientSession(
        connector=connections, timeout=patience, headers=HEADERS, cookie_jar=aiohttp.DummyCookieJar()
    )

    async def one_after_another(numbers: Iterator[int]) -> None:
        for number in numbers:
            began = time.perf_counter()
            try:
                references.add(await resident(session, urljoin(server.url, path), number, photo))
            except NotAccepted as why:
                refused[str(why)] += 1
            except (aiohttp.ClientError, TimeoutError) as error:
                refused[type(error).__name__] += 1
            else:
                flows.append(time.perf_counter() - began)

    async with session:
        queue = iter(range(residents))
        began, worked = time.perf_counter(), processor_seconds()
        await asyncio.gather(*(one_after_another(queue) for _ in range(AT_ONCE)))
        seconds, worked = time.perf_counter() - began, processor_seconds() - worked
    return Outcome(residents, seconds, tuple(flows), frozenset(references), refused, worked / seconds)


async def resident(session: aiohttp.ClientSession, form: str, number: int, photo: bytes = b"") -> str:
    """One resident from the form to the reference; ``NotAccepted`` where there is none."""
    async with session.get(form) as page:
        if page.status != 200:
            raise NotAccepted(f"form: status {page.status}")
        text = await page.text()
        hidden = hidden_fields(text)
        cookies = "; ".join(f"{name}={morsel.coded_value}" for name, morsel in page.cookies.items())

    origin = f"{page.url.scheme}://{page.url.authority}"
    async with session.post(
        form,
        data=filled_in(hidden | answers(number), photo, in_parts="multipart/form-data" in text),
        headers={"Origin": origin, "Referer": form, "Cookie": cookies},
        allow_redirects=False,
    ) as sent:
        if sent.status != 303:
            raise NotAccepted(f"sending: status {sent.status}")
        receipt = urljoin(form, sent.headers["Location"])

    async with session.get(receipt, headers={"Cookie": cookies}) as page:
        found = REFERENCE.search(await page.text())
        if page.status != 200 or not found:
            raise NotAccepted(f"receipt: status {page.status}, no reference")
        return found[2]


def filled_in(fields: dict[str, str], photo: bytes, *, in_parts: bool) -> aiohttp.FormData:
    """The form as a browser sends it: in parts where the page says so, with a nameless file where none is chosen."""
    form = aiohttp.FormData(fields, default_to_multipart=in_parts or bool(photo))
    if photo:
        form.add_field("photos", photo, filename="IMG_0001.jpg", content_type="image/jpeg")
    elif in_parts:
        form.add_field("photos", b"", filename="", content_type="application/octet-stream")
    return form


def answers(number: int) -> dict[str, str]:
    """What a resident fills in: one in three wants an answer by e-mail, and so opens a case."""
    said = {
        "rating": str(number % 5 + 1),
        "text": f"The bin was not emptied for the third week. This is number {number}.",
    }
    if number % 3:
        return said | {"wants_answer": "no"}
    return said | {
        "wants_answer": "yes",
        "place": "At the corner, beside the bus stop",
        "email": f"resident{number}@example.org",
    }


def processor_seconds() -> float:
    used = resource.getrusage(resource.RUSAGE_SELF)
    return used.ru_utime + used.ru_stime
