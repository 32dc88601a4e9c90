"""How much is sent from where: counted in the database, in the transaction that takes it in, by one statement.

A network is known by a hash with the day's salt. The salt goes with the day, so nobody can say later who sent what.
"""

import hmac
import ipaddress
import secrets
from collections.abc import MutableMapping
from datetime import datetime
from functools import cache
from itertools import chain

from sqlalchemy import Connection, delete, select, text

from app.extensions import db
from app.intake.models import DailySalt, SentCount
from app.intake.rules import normal
from app.intake.spam_signs import LONG_ENOUGH, Counts
from app.kernel.database import table
from app.outbox.actions import promise

HOUR = 3600
DAY_IN_HOURS = 24
HALF_AN_IPV6_ADDRESS = 64
"""Bits that a household has; the others its devices choose."""


@cache
def _counting(scopes: tuple[str, ...], mark: str) -> str:
    """The statement as the driver takes it, ``mark`` for each value: what SQLAlchemy adds would double its cost."""
    values = ", ".join(f"({mark}, '{scope}', {mark}, 1)" for scope in scopes)
    return (
        f"INSERT INTO sent_count (hour, scope, mark, n) VALUES {values}"  # noqa: S608 (all of it is ours)
        " ON CONFLICT (hour, scope, mark) DO UPDATE SET n = sent_count.n + 1 RETURNING scope, n"
    )


SALT = select(table(DailySalt).c.salt).where(table(DailySalt).c.day == text(":day"))


def count(
    *, agency_id: int, site_id: int, address: str, said: str, now: datetime, known: MutableMapping[int, bytes]
) -> Counts:
    """Count one more, and how many that makes. ``known`` holds, for this process, the salt of the day that it found."""
    connection = db.session.connection()
    hour = int(now.timestamp()) // HOUR
    salt = known.get(hour // DAY_IN_HOURS) or _salt(connection, hour // DAY_IN_HOURS, known)
    # Always in this order, so that of two who wait for each other's rows one is first.
    asked = {"network": (hour, _mark(salt, network))} if (network := network_of(address)) else {}
    asked |= {"site": (hour, str(site_id)), "agency": (hour, str(agency_id))}
    words = normal(said) if len(said) >= LONG_ENOUGH else ""
    if len(words) >= LONG_ENOUGH:
        asked["words"] = (hour - hour % DAY_IN_HOURS, _mark(salt, f"{agency_id} {words}"))
    mark = "%s" if connection.dialect.name == "postgresql" else "?"
    rows = connection.exec_driver_sql(_counting(tuple(asked), mark), tuple(chain(*asked.values())))
    return Counts(**{scope: n for scope, n in rows})


def forget(today: int) -> None:
    """The salts of days before ``today`` (days since 1970), and what was counted with them."""
    db.session.execute(delete(DailySalt).where(DailySalt.day < today))
    db.session.execute(delete(SentCount).where(SentCount.hour < today * DAY_IN_HOURS))


def day_number(now: datetime) -> int:
    """Days since 1970, by which salts are kept."""
    return int(now.timestamp()) // HOUR // DAY_IN_HOURS


def promise_forgetting(now: datetime) -> None:
    """Soon after midnight, whether anybody sends something or not."""
    promise("sent.forget", key=f"sent.forget:{now:%Y-%m-%d}")


def network_of(address: str) -> str:
    """What of an address is shared by those who share a line: all of IPv4, of IPv6 the first half.

    "" where it cannot be told: this machine's own address is that of a proxy whom the settings do not name.

    >>> network_of("2001:db8:1:2:3:4:5:6")
    '2001:db8:1:2::'
    """
    if ":" not in address:
        return "" if address.startswith("127.") else address
    try:
        whole = ipaddress.IPv6Address(address.partition("%")[0])
    except ValueError:
        return address
    if whole.ipv4_mapped:
        return network_of(str(whole.ipv4_mapped))
    if whole.is_loopback:
        return ""
    return str(ipaddress.IPv6Address(int(whole) >> HALF_AN_IPV6_ADDRESS << HALF_AN_IPV6_ADDRESS))


def _mark(salt: bytes, what: str) -> str:
    return hmac.digest(salt, what.encode(), "sha256").hex()[:32]


def _salt(connection: Connection, day: int, known: MutableMapping[int, bytes]) -> bytes:
    """The salt of a day; who is the first to need it makes it, and the ones before it go."""
    found = connection.execute(SALT, {"day": day}).scalar()
    if found is not None:
        known.clear()
        known[day] = found
        return bytes(found)
    made = secrets.token_bytes(32)
    # Known to others, and so to be remembered here, only once it is committed.
    connection.execute(
        text("INSERT INTO daily_salt (day, salt) VALUES (:day, :salt) ON CONFLICT (day) DO NOTHING"),
        {"day": day, "salt": made},
    )
    forget(day)
    return bytes(connection.execute(SALT, {"day": day}).scalar_one())
