import hashlib
import io
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from evidence.digest import Sha256, blocks_of


@given(st.binary(max_size=5000), st.integers(1, 700))
def test_the_digest_does_not_depend_on_how_bytes_are_cut_into_blocks(
    data: bytes, size: int
) -> None:
    assert Sha256.of_blocks(blocks_of(io.BytesIO(data), size)) == Sha256.of(data)


@given(st.binary(max_size=100))
def test_hexadecimal_and_base64_forms_read_back(data: bytes) -> None:
    digest = Sha256.of(data)

    assert Sha256.from_hex(digest.hex) == digest
    assert Sha256.from_base64(digest.base64) == digest


def test_a_file_gives_the_digest_of_its_bytes(tmp_path: Path) -> None:
    (tmp_path / "clip").write_bytes(b"footage" * 1000)

    assert str(Sha256.of_file(tmp_path / "clip")) == hashlib.sha256(b"footage" * 1000).hexdigest()


def test_a_digest_of_another_length_is_refused() -> None:
    with pytest.raises(ValueError, match="32 bytes"):
        Sha256(b"short")
