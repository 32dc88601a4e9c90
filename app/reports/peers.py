"""A contract among its peers: the same service, the same agency, and enough of them that a funnel says something."""

from dataclasses import dataclass
from datetime import datetime
from math import sqrt

from app.directory.models import Contract
from app.kernel.periods import Period
from app.kernel.shares import Share, share_of
from app.kernel.words import Words, in_language
from app.measures.packed_counts import WHOLE
from app.measures.rollup import counts_of
from app.measures.tally import NOTHING
from app.reports import queries
from app.reports.charts import Chart
from app.web.filters import percent
from app.web.languages import language
from app.web.texts import gettext as _

ENOUGH = 5
"""With fewer peers a contract is compared with itself alone."""

WARNING, ALARM = 1.959963984540054, 3.0902323061678132
"""Control limits of 95 % and 99.8 %, in standard deviations of the normal distribution."""


@dataclass(frozen=True)
class Peer:
    """A contract about the same service; ``beyond`` is the limit it lies outside of (0.95, 0.998), None for none."""

    reference: str
    title: Words
    provider: Words
    on_time: Share
    beyond: float | None


@dataclass(frozen=True)
class Funnel:
    """The peers by reference, around the share of all their cases together."""

    overall: Share
    peers: tuple[Peer, ...]


def funnel_of(contract: Contract, period: Period, as_of: datetime) -> Funnel | None:
    """The contract among its peers; None where these are too few, or nothing was decided.

    D. J. Spiegelhalter, "Funnel plots for comparing institutional performance", Statistics in Medicine 24 (2005).
    """
    contracts = queries.peers(contract)
    if len(contracts) < ENOUGH:
        return None
    counts = counts_of([each.id for each in contracts], period, as_of)
    shares = [(each, counts[each.id].get(WHOLE, NOTHING).share("on_time_response_rate")) for each in contracts]
    decided = [share for _each, share in shares if share.denominator]
    overall = share_of(sum(share.numerator for share in decided), sum(share.denominator for share in decided))
    if overall.value is None or len(decided) < ENOUGH:
        return None
    return Funnel(
        overall,
        tuple(
            Peer(each.reference, each.title, each.provider.name, share, beyond(share, overall.value))
            for each, share in shares
        ),
    )


def limits_at(overall: float, n: float, deviations: float) -> tuple[float, float]:
    """Between which shares of ``n`` cases chance alone would keep a contract that is like all others."""
    reach = deviations * sqrt(overall * (1 - overall) / n)
    return max(0.0, overall - reach), min(1.0, overall + reach)


def beyond(share: Share, overall: float) -> float | None:
    """The widest control limit that a share lies outside of."""
    if share.value is None:
        return None
    for level, deviations in ((0.998, ALARM), (0.95, WARNING)):
        low, high = limits_at(overall, share.denominator, deviations)
        if not low <= share.value <= high:
            return level
    return None


def chart_of(funnel: Funnel, reference: str) -> Chart:
    """The funnel: each contract by its cases and share, and between which limits chance would keep them."""
    peers = [peer for peer in funnel.peers if peer.on_time.denominator]
    most = max(peer.on_time.denominator for peer in peers)
    overall = funnel.overall.value or 0.0
    steps = [most * 1.1 * nth / 60 for nth in range(1, 61)]
    limits = [
        {"n": round(n, 2), "limit": level, "low": round(low, 4), "high": round(high, 4)}
        for level, deviations in (("95 %", WARNING), ("99.8 %", ALARM))
        for n in steps
        for low, high in [limits_at(overall, n, deviations)]
    ]
    return Chart(
        name="funnel",
        title=_("Answered in time, among peers"),
        sentence=sentence(funnel, reference),
        reading=_(
            "Lines: the limits (95 % and 99.8 %) within which chance alone keeps most. Dark point: this contract."
        ),
        columns=[
            (_("Contract"), "text"),
            (_("Provider"), "text"),
            (_("Answered in time"), "numeric"),
            (_("Cases"), "numeric"),
            (_("Against the limits"), "text"),
        ],
        rows=[
            [
                f"{peer.reference} {in_language(peer.title, language())}",
                in_language(peer.provider, language()),
                percent(peer.on_time.value),
                peer.on_time.denominator,
                said_of(peer, overall),
            ]
            for peer in funnel.peers
        ],
        data={
            "language": language(),
            "peers": [
                {
                    "reference": peer.reference,
                    "n": peer.on_time.denominator,
                    "value": peer.on_time.value,
                    "is_this": peer.reference == reference,
                }
                for peer in peers
            ],
            "limits": limits,
            "overall": overall,
            "texts": {"n": _("Cases decided"), "value": _("Answered in time"), "overall": _("All together")},
        },
    )


def said_of(peer: Peer, overall: float) -> str:
    """Whether a contract can be told from the others."""
    if peer.beyond is None:
        return _("not told apart")
    is_better = (peer.on_time.value or 0) > overall
    if peer.beyond > 0.99:
        return _("clearly better (99.8 %)") if is_better else _("clearly worse (99.8 %)")
    return _("perhaps better (95 %)") if is_better else _("perhaps worse (95 %)")


def sentence(funnel: Funnel, reference: str) -> str:
    """What the funnel says of this contract and of all: never a rank."""
    this = next(peer for peer in funnel.peers if peer.reference == reference)
    overall = funnel.overall.value or 0.0
    apart = sum(peer.beyond is not None and peer.beyond > 0.99 for peer in funnel.peers)
    return _(
        "All together, %(overall)s were answered in time; this contract %(share)s of %(n)d: %(said)s. Of %(peers)d "
        "contracts, %(apart)d can be told apart from the others.",
        overall=percent(overall),
        share=percent(this.on_time.value),
        n=this.on_time.denominator,
        said=said_of(this, overall),
        peers=len(funnel.peers),
        apart=apart,
    )
