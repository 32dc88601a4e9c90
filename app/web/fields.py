"""Fields that forms of several stages ask with, and how they say that an answer is none."""

from collections.abc import Mapping
from typing import Any

from wtforms import DateField, Field, Form, IntegerField, ValidationError

from app.web.texts import gettext as _


class Day(DateField):
    """A date, whose error says how to write one."""

    def process_formdata(self, valuelist: list[str]) -> None:
        try:
            super().process_formdata(valuelist)
        except ValueError:
            raise ValueError(_("Enter a date like 2026-09-30.")) from None


class Whole(IntegerField):
    """A whole number, whose error says so."""

    def process_formdata(self, valuelist: list[str]) -> None:
        try:
            super().process_formdata([value.strip() for value in valuelist])
        except ValueError:
            raise ValueError(_("Enter a whole number.")) from None


def need_day(field: Field) -> None:
    """A day must have been entered; what could not be read has been said already."""
    if field.data is None and not field.errors:
        raise ValidationError(_("Enter a date like 2026-09-30."))


def need_whole(field: Field, least: int, most: int) -> None:
    """A whole number between both must have been entered."""
    if field.data is None or not least <= field.data <= most:
        raise ValidationError(_("Enter a whole number from %(least)s to %(most)s.", least=least, most=most))


def add_field(form: Form, name: str, field: Any, asked: Any, data: Mapping[str, Any] | None = None) -> None:
    """Give a form one more field, where what it asks is known only when it is made; ``data`` is what it begins with."""
    bound = form.meta.bind_field(form, field, {"name": name, "prefix": ""})
    bound.process(form.meta.wrap_formdata(form, asked), *([data[name]] if data and name in data else []))
    form._fields[name] = bound
