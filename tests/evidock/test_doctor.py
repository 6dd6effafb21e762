"""What ``evidock doctor`` says of a home's mail and witnesses before anybody relies on them."""

from __future__ import annotations

from pathlib import Path

import pytest

from archive.log.key import SUCCESSIONS, load_or_make_signer
from evidock.commands.doctor import Finding, examine
from evidock.home import Home

MAIL = '[mail]\nhost = "mail.example"\nsender = "dock@example.org"\nto = ["court@example.org"]\n'


@pytest.fixture
def home(tmp_path: Path) -> Home:
    made = Home(tmp_path / "home")
    made.prepare()
    return made


def found(home: Home, name: str) -> Finding:
    (finding,) = [each for each in examine(home.folder) if each.name == name]
    return finding


@pytest.mark.parametrize(
    ("settings", "ok", "detail"),
    [
        ("", True, "mailed to nobody"),
        (MAIL, True, "mail.example:587 (starttls), not spoken to now; to court@example.org"),
        (MAIL.partition("to =")[0], False, "lacks to"),
        (MAIL + 'tls = "none"\n', False, "in the clear to mail.example"),
        (MAIL + 'ca_file = "/nowhere"\n', False, "/nowhere"),
    ],
)
def test_the_mail(home: Home, settings: str, ok: bool, detail: str) -> None:  # noqa: FBT001
    home.settings_file.write_text(settings)

    finding = found(home, "mail")

    assert finding.ok is ok
    assert detail in finding.detail


NOTICES = '[notices]\nto = ["records@example.org"]\n'
HOOK = '[notices]\nwebhook = "https://records.example.org/hook/T0KEN"\n'


@pytest.mark.parametrize(
    ("settings", "ok", "detail"),
    [
        ("", True, "none are sent"),
        (MAIL + NOTICES, True, "mail to records@example.org, not spoken to now"),
        (HOOK, True, "webhook https://records.example.org, not spoken to now"),
        (NOTICES, False, "[notices] to is mailed to by [mail]: [mail] lacks host"),
        (HOOK.replace("https", "http"), False, "in the clear to records.example.org"),
    ],
)
def test_the_notices(home: Home, settings: str, ok: bool, detail: str) -> None:  # noqa: FBT001
    home.settings_file.write_text(settings)

    finding = found(home, "notices")

    assert finding.ok is ok
    assert detail in finding.detail
    assert "T0KEN" not in finding.detail


def test_a_mail_server_for_notices_alone_is_no_mistake(home: Home) -> None:
    home.settings_file.write_text(MAIL.partition("to =")[0] + NOTICES)

    assert found(home, "mail").ok
    assert found(home, "notices").ok


def test_a_statement_of_succession_that_does_not_hold(home: Home, tmp_path: Path) -> None:
    (tmp_path / "policy").write_text("quorum none\n")
    home.settings_file.write_text(f'[witnesses]\npolicy = "{tmp_path / "policy"}"\n')
    home.public.mkdir(exist_ok=True)
    signer = load_or_make_signer(home.archive / "log.key", home.settings().agency.origin)
    (home.public / "log.vkey").write_text(str(signer.key))
    (home.archive / SUCCESSIONS).mkdir(parents=True)
    (home.archive / SUCCESSIONS / "000001").write_text("nonsense\n")

    assert not found(home, "witnesses").ok


@pytest.mark.parametrize(
    ("settings", "detail"),
    [("", "not taken"), ("[station]\nalso_sm3 = true\n", "taken beside SHA-256; ")],
)
def test_whether_sm3_can_be_and_is_taken(home: Home, settings: str, detail: str) -> None:
    home.settings_file.write_text(settings)

    assert found(home, "SM3").ok
    assert found(home, "SM3").detail.startswith(detail)
