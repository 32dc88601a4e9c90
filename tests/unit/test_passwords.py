"""Passwords that others would try first are refused, quickly, and without their lists where nobody chooses one."""

import subprocess
import sys
import time

import pytest

from app.accounts.passwords import Weakness, known_of, weakness_of

KNOWN = known_of("olive.bray@riverside.example", "Olive Bray", [{"en": "Riverside Council", "zh": "河滨区议会"}])


@pytest.mark.parametrize(
    ("password", "found"),
    [
        ("1234567890", Weakness.COMMON),
        ("aaaaaaaaaa", Weakness.COMMON),
        ("qwertyuiop", Weakness.COMMON),
        ("Password123!", Weakness.COMMON),
        ("abcabcabcabc", Weakness.COMMON),
        ("Answerable1", Weakness.PERSONAL),
        ("RiversideCouncil1", Weakness.PERSONAL),
        ("olive.bray@riverside.example", Weakness.PERSONAL),
        ("OliveBray2026", Weakness.PERSONAL),
        ("河滨区议会河滨区议会", Weakness.PERSONAL),
        ("four plain words here", None),
        ("bucket lantern Olive", None),
        ("我们一起走很远的路", None),
        ("vR7-kq2_Zt9", None),
    ],
)
def test_what_is_tried_first_is_refused(password, found):
    assert weakness_of(password, KNOWN) is found


def test_no_password_takes_long_to_judge():
    began = time.process_time()
    for password in ("4@8({[<3690!1|507+2%" * 6, "p4$$w0rd" * 16, "a" * 128):
        weakness_of(password, KNOWN)

    assert time.process_time() - began < 3


def test_the_lists_are_loaded_only_when_a_password_is_chosen():
    told = subprocess.run(
        [sys.executable, "-c", "import app.accounts.signing_in, sys; print('zxcvbn' in sys.modules)"],
        capture_output=True,
        text=True,
        check=True,
    )

    assert told.stdout.strip() == "False"
