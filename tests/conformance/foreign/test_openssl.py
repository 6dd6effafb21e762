import re
import subprocess
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from evidence.note import FileSigner, VerifierKey, open_checkpoint
from tests.archive.log.logs import ORIGIN, SIGNER, flip_bit, grown

PAGE = Path(__file__).parents[3] / "docs" / "custody-log-format.md"


def run(*command: str | Path) -> tuple[int, str]:
    done = subprocess.run(list(map(str, command)), capture_output=True, text=True, check=False)
    return done.returncode, done.stdout


@pytest.fixture
def script(tmp_path: Path) -> Path:
    """The script that the page for auditors prints."""
    found = re.search(r"```bash\n(.*?)```", PAGE.read_text(encoding="utf-8"), flags=re.DOTALL)
    assert found is not None
    path = tmp_path / "check-receipt"
    path.write_text(found[1], encoding="utf-8")
    return path


def receipt_and_entry(folder: Path, size: int, index: int) -> tuple[Path, Path]:
    log = grown(folder / "log", [size])
    (folder / "receipt").write_bytes(log.receipt(index))
    (folder / "entry").write_bytes(log.entry(index))
    return folder / "receipt", folder / "entry"


@pytest.mark.parametrize(
    ("size", "index"), [(1, 0), (2, 1), (7, 0), (7, 4), (7, 6), (257, 256), (600, 299)]
)
def test_the_printed_script_finds_a_receipt_true(
    tmp_path: Path, script: Path, size: int, index: int
) -> None:
    files = receipt_and_entry(tmp_path, size, index)

    code, said = run("bash", script, str(SIGNER.key), *files)

    assert code == 0
    assert said.endswith(f"This is entry {index} of the log {ORIGIN}.\n")


@pytest.mark.parametrize("place", [29, 40, -120, -5])
def test_the_printed_script_refuses_a_flipped_bit(tmp_path: Path, script: Path, place: int) -> None:
    receipt, entry = receipt_and_entry(tmp_path, 600, 299)
    flip_bit(receipt, place)

    code, said = run("bash", script, str(SIGNER.key), receipt, entry)

    assert code != 0
    assert "This is entry" not in said


def test_the_printed_script_refuses_another_entry(tmp_path: Path, script: Path) -> None:
    receipt, entry = receipt_and_entry(tmp_path, 600, 299)
    flip_bit(entry)

    assert run("bash", script, str(SIGNER.key), receipt, entry)[0] != 0


@pytest.mark.parametrize("name", [ORIGIN, "example.org/other"])
def test_the_printed_script_refuses_another_key(tmp_path: Path, script: Path, name: str) -> None:
    receipt, entry = receipt_and_entry(tmp_path, 7, 3)
    other = FileSigner(name, Ed25519PrivateKey.from_private_bytes(bytes([1] * 32)))

    assert run("bash", script, str(other.key), receipt, entry)[0] != 0


def test_the_printed_script_runs_nothing_that_a_receipt_holds(tmp_path: Path, script: Path) -> None:
    receipt, entry = receipt_and_entry(tmp_path, 7, 3)
    planted = f"index a[$(touch {tmp_path}/planted)]".encode()
    receipt.write_bytes(receipt.read_bytes().replace(b"index 3", planted))

    assert run("bash", script, str(SIGNER.key), receipt, entry)[0] != 0
    assert not (tmp_path / "planted").exists()


def test_the_checkpoint_on_the_page_opens_with_the_key_on_the_page() -> None:
    fenced = re.findall(
        r"^```(\w*)\n(.*?)^```$", PAGE.read_text("utf-8"), flags=re.DOTALL | re.MULTILINE
    )
    blocks = [text for language, text in fenced if not language]
    note = next(block for block in blocks if block.startswith("example.org/custody\n"))
    key = next(block for block in blocks if block.startswith("example.org/custody+"))

    assert open_checkpoint(note.encode(), [VerifierKey.parse(key.strip())]).size == 70_300
