"""A question as its manager words it, in every language that there is."""

from collections.abc import Iterable, Sequence
from typing import Any

from flask_babel import lazy_gettext as _l
from wtforms import BooleanField, Form, HiddenField, SelectChoice, SelectMultipleField, StringField, TextAreaField
from wtforms.validators import Length

from app.directory.aspects import ASPECTS
from app.kernel.words import QuestionKind
from app.questions.rules import (
    LEAST_OPTIONS,
    LONGEST_HINT,
    LONGEST_OPTION,
    LONGEST_QUESTION,
    MOST_OPTIONS,
    Asked,
    Break,
    Option,
    new_key,
)
from app.questions.wording import BREAKS
from app.web.fields import add_field
from app.web.languages import OF_RESIDENTS, named
from app.web.texts import gettext as _

OF_LANGUAGE = dict(named(OF_RESIDENTS))


class SeenForm(Form):
    """A button of the editor: it does what it says to what its presser has seen."""

    seen = HiddenField()


class QuestionForm(SeenForm):
    """A question of one kind.

    For each language it has ``wording-en``, ``hint-en``, ``easy-en`` and, of a choice, ``options-en``.
    """

    is_for_provider = BooleanField(_l("The provider may read each answer"))
    sure = BooleanField(_l("Begin a new question"))

    def __init__(self, asked: Any = None, *, kind: QuestionKind, languages: Sequence[str], of: Asked | None = None):
        begin = _begin(of, languages) if of else {}
        super().__init__(asked, data={"is_for_provider": of.is_for_provider if of else False})
        self.kind, self.languages, self.of = kind, languages, of
        for code in languages:
            name = OF_LANGUAGE.get(code, code)
            no_longer = Length(max=LONGEST_QUESTION, message=_l("Use %(max)d characters or fewer."))
            label = _l("Question in %(language)s", language=name)
            add_field(self, f"wording-{code}", StringField(label, [no_longer], filters=[_tidy]), asked, begin)
            no_longer = Length(max=LONGEST_HINT, message=_l("Use %(max)d characters or fewer."))
            label = _l("Hint in %(language)s (optional)", language=name)
            add_field(self, f"hint-{code}", StringField(label, [no_longer], filters=[_tidy]), asked, begin)
            no_longer = Length(max=LONGEST_QUESTION, message=_l("Use %(max)d characters or fewer."))
            label = _l("In easy words, in %(language)s (optional)", language=name)
            add_field(self, f"easy-{code}", StringField(label, [no_longer], filters=[_tidy]), asked, begin)
            if kind == QuestionKind.CHOICE:
                label = _l("Answers in %(language)s", language=name)
                add_field(self, f"options-{code}", TextAreaField(label), asked, begin)
        if kind == QuestionKind.DRIVERS:
            field = SelectMultipleField(
                _l("Aspects"), choices=[SelectChoice(each, name) for each, name in ASPECTS.items()]
            )
            add_field(self, "aspects", field, asked, begin or {"aspects": list(ASPECTS)})

    @property
    def main(self) -> str:
        """The language that is asked where a reader's own has no words."""
        return self.languages[0]

    def validate(self, extra_validators: Any = None) -> bool:
        """Also: it has words in the main language, and something to choose where one chooses."""
        good = bool(super().validate(extra_validators))
        if not self[f"wording-{self.main}"].data:
            self._wrong(f"wording-{self.main}", _("Enter the question."))
            good = False
        if self.kind == QuestionKind.DRIVERS and not self["aspects"].data:
            self._wrong("aspects", _("Choose one aspect at least."))
            good = False
        return good and (self.kind != QuestionKind.CHOICE or self._has_options())

    def ask_whether_sure(self, broken: Iterable[Break]) -> None:
        """Say what the change breaks, beside the box that says that this is meant."""
        words = " ".join(str(BREAKS[each]) for each in broken)
        self._wrong("sure", _("%(why)s Tick that a new question begins, or take the change back.", why=words))

    def to_asked(self) -> Asked:
        """The question as it was worded, under the key it had, or a new one."""
        return Asked(
            key=self.of.key if self.of else new_key(),
            kind=self.kind,
            wording=self._said("wording"),
            hint=self._said("hint"),
            easy=self._said("easy"),
            options=self._options(),
            is_for_provider=self.is_for_provider.data,
        )

    def _said(self, what: str) -> dict[str, str]:
        return {code: text for code in self.languages if (text := self[f"{what}-{code}"].data)}

    def _lines(self, code: str) -> list[str]:
        lines = (_tidy(line) for line in (self[f"options-{code}"].data or "").splitlines())
        return [line for line in lines if line]

    def _has_options(self) -> bool:
        main, good = self._lines(self.main), True
        for code in self.languages:
            lines, name = self._lines(code), f"options-{code}"
            if code == self.main and not LEAST_OPTIONS <= len(lines) <= MOST_OPTIONS:
                least, most = LEAST_OPTIONS, MOST_OPTIONS
                self._wrong(name, _("Enter %(least)s to %(most)s answers, each on a line.", least=least, most=most))
            elif lines and len(lines) != len(main):
                self._wrong(name, _("Enter as many answers as in the first language, in the same order, or none."))
            elif len(set(lines)) < len(lines):
                self._wrong(name, _("An answer is there twice."))
            elif any(len(line) > LONGEST_OPTION for line in lines):
                self._wrong(name, _("Each answer can have up to %(n)s characters.", n=LONGEST_OPTION))
            else:
                continue
            good = False
        return good

    def _options(self) -> tuple[Option, ...]:
        """An answer that reads as before in any language is the one it was, wherever it stands."""
        if self.kind == QuestionKind.DRIVERS:
            chosen = set(self["aspects"].data)
            return tuple(Option(aspect, aspect=aspect) for aspect in ASPECTS if aspect in chosen)
        if self.kind != QuestionKind.CHOICE:
            return ()
        lines = {code: self._lines(code) for code in self.languages}
        worded = [{code: said[nth] for code, said in lines.items() if said} for nth in range(len(lines[self.main]))]
        known = {
            item: each.key for each in (self.of.options if self.of else ()) for item in (each.wording or {}).items()
        }
        return tuple(
            Option(next((known[item] for item in each.items() if item in known), None) or new_key(), each)
            for each in worded
        )

    def _wrong(self, name: str, error: str) -> None:
        self[name].errors = [*self[name].errors, error]


def _begin(of: Asked, languages: Sequence[str]) -> dict[str, Any]:
    """A question as it stands, by the names of the form's fields."""
    begin: dict[str, Any] = {"aspects": [each.aspect for each in of.options if each.aspect]}
    for code in languages:
        begin[f"wording-{code}"], begin[f"hint-{code}"] = of.wording.get(code, ""), of.hint.get(code, "")
        begin[f"easy-{code}"] = of.easy.get(code, "")
        texts = [(each.wording or {}).get(code, "") for each in of.options]
        begin[f"options-{code}"] = "\n".join(texts) if all(texts) else ""
    return begin


def _tidy(text: str | None) -> str:
    return " ".join((text or "").split())
