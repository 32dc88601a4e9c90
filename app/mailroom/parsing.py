"""A mail from its bytes, whatever is in them: nothing of it is believed, and nothing of it can stop the reading."""

import codecs
import email
import hashlib
import html
import re
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass, field
from email.errors import HeaderParseError
from email.header import decode_header
from email.message import Message
from email.utils import getaddresses

import nh3

from app.intake.rules import clean
from app.mailroom.rules import Head, is_automatic, is_marked_as_spam

MOST_PARTS = 200
"""Of more parts none is looked at."""

MOST_BOUNDARIES = 5_000
"""A mail with more lines that could divide parts is not taken apart: each part takes memory."""

MOST_OF_A_TEXT = 200_000
"""Bytes of one part that are read as text."""

NO_CHARSETS = frozenset({"idna", "punycode", "undefined", "unicode-escape", "raw-unicode-escape"})
"""What Python can decode and no mail program writes; some of it takes very long."""

MOST_TAGS = 20_000
LONGEST_SUBJECT = 300
LONGEST_NAME = 80
ADDRESS = re.compile(r"[^\s@,;:<>\"()\[\]\\]{1,64}@[^\s@,;:<>\"()\[\]\\]{1,189}")
BREAKS_A_LINE = frozenset({"br", "p", "div", "blockquote", "li", "tr", "h1", "h2", "h3", "h4", "h5", "h6", "table"})
TAG = re.compile(r"<(/?)([a-z0-9]+)([^<>]*)>")


@dataclass(frozen=True)
class ReadMail:
    """What a mail is. ``head_lines`` are those in which a token of ours may stand; ``pictures`` are raw, not safe yet.

    ``left_out`` names what is neither text nor picture. ``key`` is the same for the same mail, however often it comes.
    """

    key: str
    sender: str | None = None
    subject: str = ""
    text: str = ""
    head_lines: str = ""
    is_automatic: bool = False
    is_marked_as_spam: bool = False
    is_unreadable: bool = False
    pictures: tuple[tuple[str, bytes], ...] = ()
    left_out: tuple[str, ...] = ()


@dataclass
class _Parts:
    plain: list[str] = field(default_factory=list)
    html: list[str] = field(default_factory=list)
    pictures: list[tuple[str, bytes]] = field(default_factory=list)
    left_out: list[str] = field(default_factory=list)


def read(raw: bytes) -> ReadMail:
    """Read a mail. One that cannot be read is told as that, never refused with an error."""
    key = hashlib.sha256(raw).hexdigest()
    try:
        if raw.count(b"\n--") > MOST_BOUNDARIES:
            return ReadMail(key, is_unreadable=True)
        return _read(email.message_from_bytes(raw), key)
    except Exception:  # whatever a reader of strangers' mails stumbles over
        return ReadMail(key, is_unreadable=True)


def _read(message: Message, key: str) -> ReadMail:
    head = _head_of(message)
    sender = _address_in(head, "from")
    names = head.get("message-id", ())
    if names and names[0].strip():
        # With sender and date, so that nobody who knows a Message-ID can keep its mail out by sending it first.
        known_by = "\x1f".join([names[0].strip(), sender or "", *head.get("date", ())[:1]])
        key = hashlib.sha256(known_by.encode("utf-8", "replace")).hexdigest()
    parts = _Parts()
    for n, part in enumerate(_leaves(message)):
        if n >= MOST_PARTS:
            break
        _take(part, parts)
    text = "\n".join(each for each in parts.plain if each.strip())
    if not text.strip():
        text = "\n".join(text_of_html(each) for each in parts.html)
    where = ("in-reply-to", "references", "to", "cc", "delivered-to", "x-original-to", "envelope-to")
    subject = " ".join(_words(head.get("subject", ("",))[0]).split())
    return ReadMail(
        key=key,
        sender=sender,
        subject=clean(subject)[:LONGEST_SUBJECT],
        text=clean(text),
        head_lines=" ".join(value for name in where for value in head.get(name, ())),
        is_automatic=is_automatic(head, sender),
        is_marked_as_spam=is_marked_as_spam(head),
        pictures=tuple(parts.pictures),
        left_out=tuple(parts.left_out),
    )


def _head_of(message: Message) -> Head:
    found: dict[str, list[str]] = defaultdict(list)
    for name, value in message.items():
        found[name.lower()].append(_sound(str(value)))
    return found


def _address_in(head: Head, name: str) -> str | None:
    """The one address that a head line holds; none where it is none, or there are several."""
    found = {address for _name, address in getaddresses(list(head.get(name, ()))) if ADDRESS.fullmatch(address)}
    return found.pop() if len(found) == 1 else None


def _leaves(message: Message) -> Iterator[Message]:
    """The parts that hold something, without what is inside of a letter that is attached."""
    waiting = [message]
    while waiting:
        part = waiting.pop()
        inside = part.get_payload()
        if part.get_content_maintype() == "multipart" and isinstance(inside, list):
            waiting.extend(each for each in reversed(inside) if isinstance(each, Message))
        else:
            yield part


def _take(part: Message, parts: _Parts) -> None:
    kind, is_attached = part.get_content_type(), part.get_content_disposition() == "attachment"
    if kind in ("text/plain", "text/html") and not is_attached:
        (parts.plain if kind == "text/plain" else parts.html).append(_text_of(part))
    elif kind.startswith("image/") and isinstance(body := part.get_payload(decode=True), bytes):
        parts.pictures.append((_name_of(part), body))
    elif kind != "multipart/mixed":
        parts.left_out.append(_name_of(part))


def _text_of(part: Message) -> str:
    body = part.get_payload(decode=True)
    some = body[:MOST_OF_A_TEXT] if isinstance(body, bytes) else b""
    for charset in (part.get_content_charset() or "utf-8", "utf-8"):
        if (text := _decoded(some, charset, "strict")) is not None:
            return text
    return some.decode("gb18030", "replace")


def _name_of(part: Message) -> str:
    """What a part is called, in one short line; else of what kind it is."""
    name = _words(str(part.get_filename() or "")) or part.get_content_type()
    return clean(" ".join(name.split()))[:LONGEST_NAME] or "?"


def _words(value: str) -> str:
    """A head line in which words may be encoded (RFC 2047)."""
    try:
        said = "".join(
            body if isinstance(body, str) else _decoded(body, charset or "utf-8", "replace") or ""
            for body, charset in decode_header(value)
        )
    except (HeaderParseError, ValueError):
        said = value
    return _sound(said)


def _decoded(body: bytes, charset: str, errors: str) -> str | None:
    """Bytes in a charset that mails are written in; None where it is none, or they are not in it."""
    try:
        codec = codecs.lookup(charset).name
        return None if codec in NO_CHARSETS else _sound(body.decode(codec, errors))
    except (LookupError, ValueError):
        return None


def _sound(text: str) -> str:
    """Text that can be stored: halves of characters, which some charsets and broken head lines bring, are replaced."""
    return text.encode("utf-8", "replace").decode("utf-8")


def text_of_html(source: str) -> str:
    """What an HTML letter says, line by line; what it quotes stands behind ``>``, as in plain letters.

    Made safe first by a parser that nothing confuses; what is left is well formed.
    """
    some = source[:MOST_OF_A_TEXT]
    if some.count("<") > MOST_TAGS:
        some = "<".join(some.split("<", MOST_TAGS)[:MOST_TAGS])
    safe = nh3.clean(
        some,
        tags=set(BREAKS_A_LINE),
        clean_content_tags={"script", "style", "title"},
        attributes={"div": {"class", "id"}},
        attribute_filter=_quote_mark,
        link_rel=None,
    )
    lines, depth, opened = [""], 0, list[bool]()
    at = 0
    for tag in TAG.finditer(safe):
        lines[-1] += re.sub(r"\s+", " ", html.unescape(safe[at : tag.start()]))
        at = tag.end()
        is_end, name = bool(tag[1]), tag[2]
        if name == "div":
            if is_end:
                depth -= opened.pop() if opened else False
            else:
                opened.append("quote" in tag[3])
        if name == "blockquote" or (name == "div" and not is_end and opened[-1]):
            depth += -1 if is_end else 1
        lines.append("> " if depth > 0 else "")
    lines[-1] += re.sub(r"\s+", " ", html.unescape(safe[at:]))
    text = "\n".join(line.strip() if line.strip() != ">" else ">" for line in lines)
    return re.sub(r"\n{3,}", "\n\n", re.sub(r"(\n>)+(?=\n>)", "", text)).strip()


def _quote_mark(_tag: str, _name: str, value: str) -> str | None:
    """Of what a mail program says about a part of its letter: only whether it is the letter that is answered."""
    return "quote" if any(mark in value for mark in ("gmail_quote", "moz-cite")) else None
