"""Whether what is sent looks like spam, and the work that a device is asked for in doubt.

It is never refused: what stays suspicious is held for review.
"""

import base64
import hmac
import json
from collections.abc import MutableMapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from altcha.v1 import ChallengeOptions, create_challenge, verify_solution
from flask import current_app, request

from app.config import Config
from app.intake import quotas
from app.intake.rules import NewFeedback
from app.intake.spam_signs import (
    OF_MACHINES,
    Quotas,
    is_suspicious,
    signs_in,
    signs_of_counts,
    signs_of_time,
    would_be_cleared,
)
from app.intake.stamps import new_stamp, opened_at
from app.kernel import clock
from app.kernel.words import Sign

MOST_WORK = 50_000
"""So many hashes at most, half of it on average: less than a second on an old phone."""

WORK_LASTS = timedelta(minutes=30)

CAN = "can"
"""What a page says that could do the work and was not asked for it yet."""


@dataclass(frozen=True)
class Sent:
    """How a form came, beside what it says.

    ``open_for``: seconds between its page and now, None where no page of ours says so. ``proof``: ``CAN``, or the
    work that was asked for; else nothing can be asked.
    """

    address: str
    open_for: int | None
    trap: str
    proof: str


class WorkWanted(Exception):
    """It looks like a machine's, and the page can show that it is worth some work to somebody."""


def as_sent(now: datetime) -> Sent:
    """How the form of this request came."""
    opened = opened_at(_config().secret_key, request.form.get("opened", "")[:64])
    return Sent(
        address=request.remote_addr or "",
        open_for=None if opened is None else int(now.timestamp()) - opened,
        trap=request.form.get("homepage", "").strip(),
        proof=request.form.get("proof", "")[:2_000],
    )


def stamp() -> str:
    """For a page that is opened now."""
    return new_stamp(_config().secret_key, int(clock.now().timestamp()))


def signs_of(new: NewFeedback, sent: Sent) -> frozenset[Sign]:
    """Why it is to be held for review; none where it is not. Counts it, in the caller's transaction.

    ``WorkWanted`` where that would settle it.
    """
    answered = [answer.text for answer in new.answered.answers if answer.text] if new.answered else []
    said = "\n".join([new.text or "", new.place or "", *answered])
    counts = quotas.count(
        agency_id=new.agency_id,
        site_id=new.site_id,
        address=sent.address,
        said=said,
        now=new.submitted_at,
        known=_known_salts(),
    )
    config = _config()
    limits = Quotas(config.quota_network, config.quota_site, config.quota_agency)
    signs = signs_in(said) | signs_of_time(sent.open_for) | signs_of_counts(counts, limits)
    if sent.trap:
        signs.add(Sign.HONEYPOT)
    if not is_suspicious(signs):
        return frozenset()
    if would_be_cleared(signs) and sent.proof:
        if sent.proof == CAN:
            raise WorkWanted
        if is_proof(sent.proof, new.idempotency_key or ""):
            signs -= OF_MACHINES
    return frozenset(signs) if is_suspicious(signs) else frozenset()


def work_for(draft: str) -> dict[str, Any]:
    """What a device is asked for: the number that makes the hash, good for this draft alone and for a while."""
    asked = create_challenge(
        ChallengeOptions(
            max_number=MOST_WORK,
            hmac_key=_work_key(),
            expires=clock.now() + WORK_LASTS,
            params={"draft": draft},
        )
    )
    names = ("algorithm", "challenge", "salt", "signature")
    return {name: getattr(asked, name) for name in names} | {"most": MOST_WORK}


def is_proof(proof: str, draft: str) -> bool:
    """Whether the work was done, for this draft."""
    try:
        done = json.loads(base64.b64decode(proof, validate=True))
        is_ours = f"draft={draft}&" in f"{done['salt'].partition('?')[2]}&"
        good, _why = verify_solution(done, _work_key())
    except (ValueError, KeyError, TypeError, AttributeError):
        return False
    return good and is_ours


def _work_key() -> bytes:
    return hmac.digest(_config().secret_key.encode(), b"work", "sha256")


def _known_salts() -> MutableMapping[int, bytes]:
    """What this process knows of the database's salts."""
    known: MutableMapping[int, bytes] = current_app.extensions.setdefault("salts", {})
    return known


def _config() -> Config:
    config: Config = current_app.config["CONFIG"]
    return config
