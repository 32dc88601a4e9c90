"""Ready phrases of an agency for answers to residents: what is often said, once in each language."""

from collections.abc import Mapping, Sequence

from flask import abort
from sqlalchemy import select

from app.directory.models import Agency, Phrase
from app.extensions import db
from app.kernel.errors import DomainError
from app.web.access import Viewer

MOST_PHRASES = 50
"""Of more nobody finds the one that is looked for."""

USUAL: Sequence[Mapping[str, str]] = (
    {
        "en": "Thank you for telling us. We are looking into it and will write to you again.",
        "zh": "感谢您告诉我们。我们正在核查，会再答复您。",
        "es": "Gracias por avisarnos. Lo estamos revisando y le volveremos a escribir.",
        "ar": "شكرًا لإبلاغنا. نحن ننظر في الأمر وسنكتب إليكم مرة أخرى.",
    },
    {
        "en": "We have passed it on to the provider of the service, who must see to it.",
        "zh": "我们已转交承办单位，由其负责处理。",
        "es": "Lo hemos trasladado al proveedor del servicio, que debe ocuparse de ello.",
        "ar": "لقد أحلنا الأمر إلى مقدّم الخدمة، وعليه أن يعالجه.",
    },
    {
        "en": "Please tell us where exactly it is, for example the nearest house number.",
        "zh": "请告诉我们具体位置，例如最近的门牌号。",
        "es": "Por favor, díganos dónde está exactamente, por ejemplo el número de la casa más cercana.",
        "ar": "يُرجى إخبارنا بالمكان بالضبط، مثل رقم أقرب منزل.",
    },
    {
        "en": "It has been put right. Please tell us if it has not.",
        "zh": "问题已经处理。如果仍未解决，请告诉我们。",
        "es": "Ya está resuelto. Si no es así, por favor díganoslo.",
        "ar": "تمّت معالجة الأمر. إن لم يكن كذلك فيُرجى إخبارنا.",
    },
    {
        "en": "We are sorry that you had to wait.",
        "zh": "让您久等了，我们深表歉意。",
        "es": "Lamentamos que haya tenido que esperar.",
        "ar": "نأسف لأنكم اضطررتم إلى الانتظار.",
    },
    {
        "en": "We are not responsible for this, so we cannot put it right ourselves. You can turn to:",
        "zh": "这不属于我们的职责范围，我们无法直接处理。您可以联系：",
        "es": "Esto no es competencia nuestra, por lo que no podemos resolverlo. Puede dirigirse a:",
        "ar": "هذا الأمر ليس من اختصاصنا، ولذلك لا يمكننا معالجته بأنفسنا. يمكنكم التوجه إلى:",
    },
    {
        "en": "Thank you for your kind words. We have passed them on to those who do the work.",
        "zh": "感谢您的肯定，我们已转达给工作人员。",
        "es": "Gracias por sus amables palabras. Se las hemos transmitido a quienes hacen el trabajo.",
        "ar": "شكرًا على كلماتكم الطيبة. لقد نقلناها إلى من يقومون بالعمل.",
    },
)
"""With what an agency begins; from then on they are its own."""


class TooMany(DomainError):
    """An agency has as many phrases as anybody can look through."""


def begin_with(agency: Agency) -> None:
    """Give a new agency the usual phrases."""
    db.session.add_all([Phrase(agency_id=agency.id, words=dict(words)) for words in USUAL])
    db.session.flush()


def phrases_of(agency_id: int) -> Sequence[Phrase]:
    """In the order in which they were made."""
    return db.session.scalars(select(Phrase).where(Phrase.agency_id == agency_id).order_by(Phrase.id)).all()


def phrase_or_404(viewer: Viewer, phrase_id: int) -> Phrase:
    """A phrase of the viewer's own agency."""
    mine = Phrase.agency_id == viewer.agency_id, Phrase.id == phrase_id
    return db.session.scalar(select(Phrase).where(*mine)) or abort(404)


def add(agency: Agency, words: dict[str, str]) -> Phrase:
    """One more. ``TooMany`` where there are enough."""
    if len(phrases_of(agency.id)) >= MOST_PHRASES:
        raise TooMany
    phrase = Phrase(agency_id=agency.id, words=words)
    db.session.add(phrase)
    db.session.flush()
    return phrase


def change(phrase: Phrase, words: dict[str, str]) -> None:
    """What was sent already stays as it was."""
    phrase.words = words
    db.session.flush()


def remove(phrase: Phrase) -> None:
    db.session.delete(phrase)
    db.session.flush()
