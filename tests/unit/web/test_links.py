"""How an address is written where it is read and typed."""

import pytest

from app.web.links import short_link


@pytest.mark.parametrize(
    ("address", "written"),
    [
        ("https://say.example/give/RS-001", "say.example/give/RS-001"),
        # Browsers would ask for TLS, which is not there.
        ("http://10.0.0.1:8000/give/RS-001", "http://10.0.0.1:8000/give/RS-001"),
    ],
)
def test_what_browsers_add_by_themselves_is_left_out(address, written):
    assert short_link(address) == written
