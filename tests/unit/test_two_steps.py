"""Codes of an authenticator app, by the table of RFC 6238, and what is kept of recovery codes."""

from datetime import UTC, datetime, timedelta

import pytest

from app.accounts.rules import (
    code_of,
    key_text,
    must_use_two_steps,
    new_recovery_code,
    recovery_mark,
    step_at,
    step_of,
)
from app.kernel.words import Role

KEY = b"12345678901234567890"


@pytest.mark.parametrize(
    ("seconds", "code"),
    [
        (59, "287082"),
        (1111111109, "081804"),
        (1111111111, "050471"),
        (1234567890, "005924"),
        (2000000000, "279037"),
        (20000000000, "353130"),
    ],
)
def test_codes_are_those_of_the_standard(seconds, code):
    now = datetime.fromtimestamp(seconds, UTC)

    assert code_of(KEY, step_at(now)) == code
    assert step_of(KEY, f"{code[:3]} {code[3:]}", now, None) == step_at(now)


def test_a_code_works_one_step_early_and_late_and_never_twice():
    now = datetime(2026, 11, 2, tzinfo=UTC)
    code, here = code_of(KEY, step_at(now)), step_at(now)

    found = [step_of(KEY, code, now + timedelta(seconds=30 * off), None) for off in (-2, -1, 0, 1, 2)]

    assert found == [None, here, here, here, None]
    assert step_of(KEY, code, now, here) is None
    assert step_of(KEY, code, now, here - 1) == here
    assert step_of(KEY, "", now, None) is None
    assert step_of(KEY, "１２３", now, None) is None


def test_a_key_is_written_in_groups_of_four():
    assert key_text(KEY) == "GEZD GNBV GY3T QOJQ GEZD GNBV GY3T QOJQ"


def test_a_recovery_code_is_known_however_it_is_typed():
    code = new_recovery_code()

    assert recovery_mark(code) == recovery_mark(code.upper().replace("-", " "))
    assert code not in recovery_mark(code)
    assert len({new_recovery_code() for _ in range(50)}) == 50


@pytest.mark.parametrize("role", Role)
def test_who_decides_about_others_signs_in_in_two_steps(role):
    needed = role in (Role.MANAGER, Role.ADMINISTRATOR)

    assert must_use_two_steps(role, is_optional=False) == needed
    assert not must_use_two_steps(role, is_optional=True)
