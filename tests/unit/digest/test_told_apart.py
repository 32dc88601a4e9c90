"""In a letter about several contracts each name is that of one."""

import pytest

from app.digest.rules import Called, told_apart_by

BINS_NORTH = Called("Bins", "C-001", "Clearway Ltd")
BINS_SOUTH = Called("Bins", "C-002", "Clearway Ltd")
BINS_WEST = Called("Bins", "C-003", "Sunrise Care")
STREETS = Called("Street cleaning", "C-004", "Clearway Ltd")


@pytest.mark.parametrize(
    ("one", "among", "said"),
    [
        (STREETS, [BINS_NORTH, BINS_SOUTH, STREETS], ()),
        (STREETS, [], ()),
        (BINS_NORTH, [BINS_NORTH, STREETS], ()),
        (BINS_NORTH, [BINS_NORTH, BINS_SOUTH], ("C-001",)),
        (BINS_SOUTH, [BINS_NORTH, BINS_SOUTH, BINS_WEST], ("C-002", "Clearway Ltd")),
        (BINS_WEST, [BINS_NORTH, BINS_WEST], ("C-003", "Sunrise Care")),
    ],
)
def test_the_service_alone_names_a_contract_only_where_no_other_has_it(one, among, said):
    assert told_apart_by(one, among) == said
