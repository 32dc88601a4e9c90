"""What is handed out compressed is the same as what is not."""

import gzip

import pytest

from app.config import ROOT

BUILT = sorted(file for file in (ROOT / "static").rglob("*") if file.suffix in (".css", ".js"))


@pytest.mark.parametrize("file", BUILT, ids=lambda file: file.name)
def test_a_compressed_file_is_what_it_was_made_from(file):
    assert gzip.decompress(file.with_name(file.name + ".gz").read_bytes()) == file.read_bytes()
