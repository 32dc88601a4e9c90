"""``flask check``: whether an installation can do its work; what is wrong, and how to mend it."""

import os
import smtplib
import socket
from collections.abc import Callable, Iterator
from contextlib import closing
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from urllib.parse import urlsplit
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from alembic.config import Config as Alembic
from alembic.script import ScriptDirectory
from sqlalchemy import Connection, func, inspect, select, text
from sqlalchemy.exc import SQLAlchemyError

from app.config import ROOT, BadSetting, Config
from app.directory.models import Agency
from app.extensions import db
from app.intake.mail_keeping import open_mailboxes
from app.kernel import clock
from app.kernel.row_security import POLICIES
from app.mail.postman import reach
from app.mailroom import fetching
from app.outbox.models import Promise
from app.outbox.queries import health
from app.outbox.worker import queue_of
from app.reports.drawing import FONTS

SECONDS_APART = 60
"""Our clock and the database's may differ by so much."""

SECONDS_LATE = 600

LONGEST_ADDRESS = 36
"""Of PUBLIC_URL, in characters: two links with a token each then leave room for a few words in any script."""


@dataclass(frozen=True)
class Trouble:
    """What is wrong, and what to do about it. ``is_grave``: work stops until it is mended."""

    what: str
    remedy: str
    is_grave: bool = True


Check = Callable[[Config], Iterator[Trouble]]


def settings(config: Config) -> Iterator[Trouble]:
    """They were read, or we were not here; what they mean for a public installation."""
    here = config.public_url.startswith(("http://127.0.0.1", "http://localhost"))
    if not config.public_url.startswith("https://") and not here:
        yield Trouble(
            f"PUBLIC_URL is {config.public_url}: links in letters are not protected", "serve by https and say so in it"
        )
    if not here and not config.trusted_proxies:
        yield Trouble(
            "TRUSTED_PROXIES is 0 although the address is public: all residents look like one visitor",
            "set it to the number of proxies in front, usually 1",
            is_grave=False,
        )
    for name, file in (("SECRET_KEY", "secret_key"), ("DATA_KEYS", "data_keys")):
        if not here and not os.environ.get(name):
            yield Trouble(
                f"{name} is the one made into {config.var / file}",
                "keep a copy away from this machine: without it, what it protects cannot be read",
                is_grave=False,
            )


def database(config: Config) -> Iterator[Trouble]:
    """It answers and, where it is a file, it and its folder can be written."""
    try:
        connection = db.session.connection()
        connection.execute(text("SELECT 1"))
    except SQLAlchemyError as error:
        yield Trouble(f"the database does not answer ({type(error).__name__})", "see DATABASE_URL, and whether it runs")
        return
    if connection.dialect.name == "sqlite":
        mode = connection.execute(text("PRAGMA journal_mode")).scalar()
        if mode != "wal":
            yield Trouble(
                f"the database file is in mode {mode}: readers stop writers",
                "start the web server once",
                is_grave=False,
            )
        file = Path(config.database_url.removeprefix("sqlite:///"))
        if not os.access(file, os.W_OK) or not os.access(file.parent, os.W_OK):
            yield Trouble(f"{file} or its folder cannot be written", "give both to the user that runs Answerable")
    elif inspect(connection).has_table("audit_entry"):
        yield from _wall(connection)


def migrations(_config: Config) -> Iterator[Trouble]:
    """The tables are those of this version."""
    alembic = Alembic()
    alembic.set_main_option("script_location", str(ROOT / "migrations"))
    newest = ScriptDirectory.from_config(alembic).get_current_head()
    found = health().migration if inspect(db.session.connection()).has_table("alembic_version") else None
    if found != newest:
        yield Trouble(f"the tables are at migration {found or 'none'}, this version needs {newest}", "flask db upgrade")


def queue(config: Config) -> Iterator[Trouble]:
    """What the web server hands to the worker has somewhere to lie."""
    try:
        queue_of(config.queue_url).pending_count()
    except BadSetting as error:
        yield Trouble(str(error), "install the package, or choose another QUEUE_URL")
    except Exception as error:  # each kind of storage has its own errors
        yield Trouble(f"the queue does not answer ({type(error).__name__})", "see QUEUE_URL, and whether it runs")


def work(_config: Config) -> Iterator[Trouble]:
    """Promises that are due are being kept, and none was given up."""
    late = health().oldest_due_seconds or 0
    if late > SECONDS_LATE:
        yield Trouble(f"a promise is due since {late / 60:.0f} minutes", "start the worker: flask worker")
    dead = db.session.scalar(select(func.count()).select_from(Promise).where(Promise.dead_at.is_not(None))) or 0
    if dead:
        yield Trouble(f"{dead} promises were given up", "see /undelivered, and try them again there", is_grave=False)


def mail(config: Config) -> Iterator[Trouble]:
    """The mail server lets us in; or there is a folder for letters."""
    if not config.mail_server:
        yield from _folder(config.var / "mail", "letters")
        yield Trouble(f"letters go into {config.var / 'mail'}, to nobody", "set MAIL_SERVER", is_grave=False)
        return
    try:
        with closing(reach(config)) as server:
            server.noop()
    except (OSError, smtplib.SMTPException) as error:
        yield Trouble(
            f"the mail server {config.mail_server}:{config.mail_port} does not let us in ({type(error).__name__})",
            "see MAIL_SERVER, MAIL_PORT, MAIL_TLS, MAIL_USERNAME and MAIL_PASSWORD",
        )


def mailboxes(_config: Config) -> Iterator[Trouble]:
    """Each mailbox that residents write to can be read."""
    for mailbox in open_mailboxes():
        trouble = fetching.reach(mailbox)
        if trouble is not None:
            yield Trouble(
                f"the mailbox {mailbox.address} cannot be read ({trouble})", "see its --imap: flask mail add, again"
            )


def texts(config: Config) -> Iterator[Trouble]:
    """There is a gateway that answers, and links are short enough for two segments."""
    if not config.sms_url:
        yield from _folder(config.var / "sms", "texts")
        yield Trouble(
            f"texts go into {config.var / 'sms'}, to nobody; the form says that a phone is for calls only",
            "set SMS_URL",
            is_grave=False,
        )
        return
    parts = urlsplit(config.sms_url)
    port = parts.port or (443 if parts.scheme == "https" else 80)
    try:
        socket.create_connection((parts.hostname or "", port), timeout=10).close()
    except OSError as error:
        yield Trouble(f"the gateway for texts does not answer ({type(error).__name__})", "see SMS_URL")
    if not config.sms_country:
        yield Trouble("texts reach only who typed the code of a country", "set SMS_COUNTRY", is_grave=False)
    if len(config.public_url) > LONGEST_ADDRESS:
        yield Trouble(
            "PUBLIC_URL is too long for two links in a text of two segments: one link leads to both buttons",
            "serve under a shorter name",
            is_grave=False,
        )


def files(config: Config) -> Iterator[Trouble]:
    """Photos can be kept, and the fonts of reports are there."""
    yield from _folder(config.photo_folder, "photos")
    missing = [name for name in ("NotoSansSC-Regular.ttf", "NotoSansSC-Bold.ttf") if not (FONTS / name).exists()]
    if missing:
        yield Trouble(f"fonts are missing: {', '.join(missing)}", f"restore {FONTS}")


def time(_config: Config) -> Iterator[Trouble]:
    """Our clock agrees with the database's, and the agencies' zones are known."""
    connection = db.session.connection()
    now = clock.now()
    if connection.dialect.name == "postgresql":
        theirs: datetime = connection.execute(text("SELECT clock_timestamp()")).scalar_one().astimezone(UTC)
        if abs((theirs - now).total_seconds()) > SECONDS_APART:
            yield Trouble(f"it is {now:%H:%M:%S} here and {theirs:%H:%M:%S} in the database", "set both by NTP")
    newest: datetime | None = db.session.scalar(select(func.max(Promise.made_at)))
    if newest is not None and (newest - now).total_seconds() > SECONDS_APART:
        yield Trouble(f"something was promised at {newest:%Y-%m-%d %H:%M}, which is still to come", "set the clock")
    for slug, zone in db.session.execute(select(Agency.slug, Agency.timezone)):
        try:
            ZoneInfo(zone)
        except ZoneInfoNotFoundError:
            yield Trouble(f"the zone {zone} of {slug} is not known here", "install tzdata")


CHECKS: tuple[tuple[str, Check], ...] = (
    ("settings", settings),
    ("database", database),
    ("migrations", migrations),
    ("queue", queue),
    ("work", work),
    ("mail", mail),
    ("mailboxes", mailboxes),
    ("texts", texts),
    ("files", files),
    ("clock", time),
)
NEED_TABLES = frozenset({"work", "mailboxes", "clock"})


def check_up(config: Config) -> Iterator[tuple[str, list[Trouble]]]:
    """Each check by its name with what it found, in an order in which the first trouble explains the others."""
    stopped = False
    for name, check in CHECKS:
        if stopped and name in {"migrations", *NEED_TABLES}:
            continue
        found = list(check(config))
        stopped = stopped or (name in {"database", "migrations"} and any(each.is_grave for each in found))
        yield name, found


def _wall(connection: Connection) -> Iterator[Trouble]:
    """Whether row-level security holds for the role we are, and whether we could take it down."""
    walled = connection.execute(
        text(
            "SELECT relname, row_security_active(oid) AS holds, pg_has_role(relowner, 'MEMBER') AS owned FROM pg_class"
            " WHERE relname = ANY(:names) AND relkind = 'r' AND relnamespace = current_schema()::regnamespace"
        ),
        {"names": list(POLICIES)},
    ).all()
    remedy = "give DATABASE_URL a role that owns nothing, and DATABASE_OWNER_URL the owner: see docs/security.md"
    role = connection.execute(text("SELECT current_user")).scalar_one()
    if not all(each.holds for each in walled):
        yield Trouble(
            f"row-level security does not hold for the role {role}: a query that forgets who looks finds everything",
            remedy,
            is_grave=False,
        )
    elif any(each.owned for each in walled):
        yield Trouble(
            f"the role {role} owns the tables, so it could take down row-level security and the guards of the audit",
            remedy,
            is_grave=False,
        )


def _folder(folder: Path, what: str) -> Iterator[Trouble]:
    there = next(each for each in (folder, *folder.parents) if each.exists())
    if not there.is_dir() or not os.access(there, os.W_OK | os.X_OK):
        yield Trouble(f"{folder}, for {what}, cannot be written", "give it to the user that runs Answerable")
