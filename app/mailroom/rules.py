"""What a mail is: written by a person or by a machine, a reply or a letter, and what of it is quoted. Plain Python."""

import re
from collections.abc import Mapping, Sequence

MOST_BYTES = 30_000_000
"""What is larger is read up to there: its text stands first, what is cut off is named as left out."""

RECEIPTS_A_DAY = 4
"""So many receipts go to one address a day by mail: whoever writes in another's name must not have them flooded."""

MAILS_A_DAY = 20
"""Of more mails from one address in a day an officer says what they are."""

MANY = frozenset({"bulk", "junk", "list", "auto_reply"})
MACHINES = frozenset({"mailer-daemon", "postmaster", "noreply", "no-reply", "donotreply", "do-not-reply"})

Head = Mapping[str, Sequence[str]]
"""The head lines of a mail: name in small letters → values."""


def is_automatic(head: Head, sender: str | None) -> bool:
    """Whether a machine sent it: it becomes no feedback, and is not answered, so that no two machines write for ever.

    By RFC 3834 (Auto-Submitted, null sender), and by what mail servers and lists say besides.
    """
    said = {name: [value.strip().lower() for value in values] for name, values in head.items()}
    if any(not value.startswith("no") or value.startswith("notif") for value in said.get("auto-submitted", ())):
        return True
    if any(value in MANY for value in said.get("precedence", ())):
        return True
    if any(value in ("<>", "") for value in said.get("return-path", ())):
        return True
    if any(name in said for name in ("list-id", "x-autoreply", "x-autorespond", "x-auto-response-suppress")):
        return True
    if any(value.startswith("multipart/report") for value in said.get("content-type", ())):
        return True
    return (sender or "").partition("@")[0].lower() in MACHINES


def is_marked_as_spam(head: Head) -> bool:
    """Whether the mail server thinks that it is unsolicited: somebody looks first."""
    marks = [*head.get("x-spam-flag", ()), *head.get("x-spam", ()), *head.get("x-spam-status", ())]
    return any(value.strip().lower().startswith(("yes", "true")) for value in marks)


QUOTE = re.compile(r"^\s{0,3}>")
# "On Monday Ann wrote:", "El lunes … escribió:", "在 … 写道：", "… كتب:": what ends so, before a quotation.
ATTRIBUTION = re.compile(r"[:：]\s*$")
# What mail programs put above the letter that is answered.
ORIGINAL = re.compile(
    r"^\s*(-{2,}\s*(original message|forwarded message|原始邮件|mensaje original|الرسالة الأصلية).{0,20}|_{20,})\s*$",
    re.I,
)
FROM = re.compile(r"^\s*\*?(from|von|de|发件人|寄件者|من)\*?\s*[:：].{1,300}$", re.I)
SENT_OR_SUBJECT = re.compile(
    r"^\s*\*?(sent|date|to|subject|gesendet|enviado|fecha|para|asunto|发送时间|日期|收件人|主题|تاريخ|إلى|الموضوع)\*?\s*[:：]",
    re.I,
)
LONGEST_ATTRIBUTION = 3
"""So many lines an attribution may be folded into."""


def without_quote(text: str) -> str:
    """A reply without the letter that it answers, and without the signature below it.

    What is written between and below quoted lines stays. Where nothing would be left, all of it does: better
    a quotation too many than a word too few.
    """
    lines = text.splitlines()
    end = next((n for n, line in enumerate(lines) if _begins_original(lines, n)), len(lines))
    own: list[str] = []
    for line in lines[:end]:
        if line.rstrip("\r\n") in ("-- ", "--"):
            break
        if QUOTE.match(line):
            _drop_attribution(own)
        else:
            own.append(line)
    left = "\n".join(own).strip()
    return re.sub(r"\n{3,}", "\n\n", left) or text.strip()


def _begins_original(lines: Sequence[str], n: int) -> bool:
    if ORIGINAL.match(lines[n]):
        return True
    # "From: …" counts only as the first of several head lines.
    return bool(FROM.match(lines[n])) and any(SENT_OR_SUBJECT.match(line) for line in lines[n + 1 : n + 4])


def _drop_attribution(own: list[str]) -> None:
    """Take the lines that say who wrote what is quoted off the end, where those before the quotation say that.

    They end in a colon and name a day or an address; they may be folded, and stand apart from what is above.
    """
    while own and not own[-1].strip():
        own.pop()
    if not own or not ATTRIBUTION.search(own[-1]):
        return
    first = len(own) - 1
    while first > 0 and own[first - 1].strip() and len(own) - first < LONGEST_ATTRIBUTION:
        first -= 1
    if first > 0 and own[first - 1].strip():
        # A longer paragraph: only its last line can be one.
        first = len(own) - 1
    if re.search(r"[\d@]", " ".join(own[first:])):
        del own[first:]


def with_subject(subject: str, text: str) -> str:
    """What a mail says: its subject, which often says what it is about, above its text, unless that begins with it."""
    plain = re.sub(r"^\s*((re|fwd?|aw|回复|转发|答复|رد)\s*[:：]\s*)+", "", subject, flags=re.I).strip()
    if not plain or text.casefold().startswith(plain.casefold()):
        return text
    return f"{plain}\n\n{text}".strip()


def cut(text: str, most: int) -> str:
    """Text that is no longer than ``most`` characters, with a mark where something is missing."""
    return text if len(text) <= most else text[: most - 2].rstrip() + " …"
