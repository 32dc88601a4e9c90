"""What staff say of a text: one button for one tag, or all of it at once where they check the sample."""

from typing import Any

from flask_babel import lazy_gettext as _l
from wtforms import BooleanField, Form, SelectChoice, SelectMultipleField, StringField
from wtforms.validators import AnyOf, InputRequired, Optional

from app.analysis.rules import Labels, Said, in_order
from app.analysis.wording import ASPECTS
from app.kernel.words import Aspect, Sentiment

YES, NO = "yes", "no"


class OneTagForm(Form):
    """One button was pressed: a tone, urgent or not, an aspect more or one less."""

    sentiment = StringField(validators=[Optional(), AnyOf(list(Sentiment))])
    urgent = StringField(validators=[Optional(), AnyOf([YES, NO])])
    add = StringField(validators=[Optional(), AnyOf(list(Aspect))])
    drop = StringField(validators=[Optional(), AnyOf(list(Aspect))])

    def validate(self, extra_validators: Any = None) -> bool:
        """No button at all says nothing."""
        return bool(super().validate(extra_validators)) and any(field.data for field in self)

    def to_said(self, before: Labels) -> Said:
        """What is said, of a text that was tagged so ``before``."""
        aspects = None
        if self.add.data or self.drop.data:
            aspects = in_order({*before.aspects, *filter(None, [self.add.data])} - {self.drop.data})
        return Said(
            sentiment=Sentiment(self.sentiment.data) if self.sentiment.data else None,
            aspects=aspects,
            is_urgent=self.urgent.data == YES if self.urgent.data else None,
        )


class CheckForm(Form):
    """All that a text of the sample is, said before its tag is seen: the button of the tone says it.

    What is not ticked is not so. Ids carry the text's reference, as a page has several.
    """

    sentiment = StringField(_l("Tone"), [InputRequired(_l("Choose a tone.")), AnyOf(list(Sentiment))])
    urgent = BooleanField(_l("Urgent"))
    aspects = SelectMultipleField(_l("About"), choices=[SelectChoice(str(key), name) for key, name in ASPECTS.items()])

    def __init__(self, sent: object = None, *, reference: str):
        super().__init__(sent)
        for field in self:
            field.id = f"{field.name}-{reference}"

    def to_labels(self) -> Labels:
        return Labels(Sentiment(self.sentiment.data), in_order(self.aspects.data or ()), self.urgent.data)
