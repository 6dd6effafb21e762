import asyncio
from collections.abc import Mapping
from pathlib import Path

import pytest

from evidence.errors import RunningHomeRefused, SetupError
from evidock import control


async def _echo(request: Mapping[str, object]) -> control.Answer:
    return {"said": request["word"]}


async def _refuse(_request: Mapping[str, object]) -> control.Answer:
    raise SetupError("not here", advice="elsewhere")


OPERATIONS = {"echo": _echo, "refuse": _refuse}


async def test_a_running_process_answers_what_it_is_asked(tmp_path: Path) -> None:
    async with control.serving(tmp_path / "sock", OPERATIONS):
        answer = await asyncio.to_thread(control.ask, tmp_path / "sock", "echo", word="\udcff \n")

    assert answer == {"said": "\udcff \n"}


async def test_a_refusal_comes_back_with_its_advice(tmp_path: Path) -> None:
    async with control.serving(tmp_path / "sock", OPERATIONS):
        with pytest.raises(RunningHomeRefused, match="not here") as refused:
            await asyncio.to_thread(control.ask, tmp_path / "sock", "refuse")

    assert refused.value.advice == "elsewhere"


async def test_an_unknown_request_names_what_may_be_asked(tmp_path: Path) -> None:
    async with control.serving(tmp_path / "sock", OPERATIONS):
        with pytest.raises(RunningHomeRefused, match="echo, refuse"):
            await asyncio.to_thread(control.ask, tmp_path / "sock", "erase")


async def test_a_socket_may_lie_deeper_than_an_address_is_long(tmp_path: Path) -> None:
    deep = tmp_path / ("x" * 120)
    deep.mkdir()

    async with control.serving(deep / "sock", OPERATIONS):
        answer = await asyncio.to_thread(control.ask, deep / "sock", "echo", word="hi")

    assert answer == {"said": "hi"}
    assert not (deep / "sock").exists()


async def test_a_dead_processs_socket_is_no_hindrance(tmp_path: Path) -> None:
    (tmp_path / "sock").write_bytes(b"")

    async with control.serving(tmp_path / "sock", OPERATIONS):
        assert (tmp_path / "sock").stat().st_mode & 0o777 == 0o600


@pytest.mark.parametrize("line", [b"[]\n", b"1\n", b'{"op": []}\n', b'{"op": "echo"}\n', b"{\n"])
async def test_whatever_is_asked_is_answered(tmp_path: Path, line: bytes) -> None:
    async with control.serving(tmp_path / "sock", OPERATIONS), asyncio.timeout(20):
        reader, writer = await asyncio.open_unix_connection(tmp_path / "sock")
        writer.write(line)

        answer = await reader.readline()
        writer.close()

    assert b'"error"' in answer
