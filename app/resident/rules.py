"""How often a PIN may be tried, and what looks like an address or a phone number."""

import re
from datetime import timedelta

TRIES = 5
"""So many wrong PINs for one reference within ``WINDOW``, and the door stays shut until the first of them is older."""

WINDOW = timedelta(minutes=15)

EMAIL = re.compile(r"[^\s@,;:<>\"()\[\]\\]{1,64}@(?:[^\s@.,;:<>\"()\[\]\\]{1,63}\.)+[^\s@.,;:<>\"()\[\]\\]{2,63}")
PHONE = re.compile(r"\+?[\d\s()./-]{5,24}")


def is_email(text: str) -> bool:
    """Whether it looks like one address; whether it exists only a letter can tell."""
    return EMAIL.fullmatch(text) is not None


def is_phone(text: str) -> bool:
    """Whether it could be dialled: at least five digits, and nothing but what numbers are written with."""
    return PHONE.fullmatch(text) is not None and sum(sign.isdigit() for sign in text) >= 5
