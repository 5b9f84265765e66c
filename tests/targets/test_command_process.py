"""One process, asked and ended."""

import asyncio
import os
import sys
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any

import pytest

from conformance.targets.command_process import AdapterProcess, Broke
from conformance.targets.hosting import SdkLimits

ECHO = """
import json, sys
for line in sys.stdin:
    print(json.dumps({"id": json.loads(line)["id"], "result": {}}), flush=True)
"""
CHATTY = "import sys; sys.stderr.write('x' * 10_000_000 + '\\nend\\n'); sys.stderr.flush()\n" + ECHO
# A child that outlives its parent and keeps the pipes open.
PARENT = "import subprocess, sys; subprocess.Popen(['sleep', '60']); sys.exit(4)"
BRIEF = SdkLimits(stderr_lines=2, exit_s=0.3)
Work = Callable[[AdapterProcess], Awaitable[Any]]


def run(text: str, work: Work) -> Any:
    async def go() -> Any:
        process = AdapterProcess([sys.executable, "-S", "-E", "-c", text], BRIEF, {})
        await process.start()
        try:
            return await work(process)
        finally:
            await process.leave()

    return asyncio.run(go())


async def hello(process: AdapterProcess) -> Any:
    return await process.ask("hello", "hello", {}, 20.0)


def test_requests_are_answered() -> None:
    assert run(ECHO, hello) == {"id": 0, "result": {}}


def test_a_process_that_was_refused_is_of_no_more_use() -> None:
    async def work(process: AdapterProcess) -> Any:
        await hello(process)
        refused = await process.refuse("that was no answer")
        with pytest.raises(Broke) as caught:
            await hello(process)
        return refused, caught.value, await process.leave()

    refused, again, left = run(ECHO, work)
    assert refused is again
    assert (refused.kind, refused.cause, left) == ("protocol", "that was no answer", None)


def test_a_process_that_writes_a_lot_on_stderr_is_not_held_up() -> None:
    async def work(process: AdapterProcess) -> Any:
        await hello(process)
        return (await process.refuse("enough")).tail

    tail = run(CHATTY, work)
    assert (len(tail[0]), tail[1]) == (2000, "end")


def test_the_children_of_a_process_end_with_it() -> None:
    with pytest.raises(Broke, match="the process ended with status 4"):
        run(PARENT, hello)


def test_a_process_that_does_not_read_is_late_all_the_same() -> None:
    async def work(process: AdapterProcess) -> Any:
        await process.ask("call", "getBatch", {"args": "x" * 10_000_000}, 0.3)

    with pytest.raises(Broke, match=r"^no answer within 0\.3 s$"):
        run("import time; time.sleep(60)", work)


def test_a_process_without_an_end_is_ended() -> None:
    async def work(process: AdapterProcess) -> Any:
        return await process.leave()

    assert run("import time; time.sleep(60)", work) == "exit: did not end within 0.3 s"


def test_a_command_that_cannot_be_started_says_why(tmp_path: Path) -> None:
    async def go() -> Any:
        process = AdapterProcess([str(tmp_path)], BRIEF, {})
        with pytest.raises(Broke) as caught:
            await process.start()
        return caught.value, await process.leave()

    broke, left = asyncio.run(go())
    assert (broke.cause, left) == ("cannot be started: Permission denied", None)


def test_variables_are_those_of_here_with_changes(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ACME_A", "1")
    monkeypatch.setenv("OPENAI_API_KEY", "the user's")
    text = "import os, sys; sys.stderr.write(repr([os.environ.get(n) for n in NAMES]))"
    names = ["ACME_A", "ACME_B", "PATH", "OPENAI_API_KEY"]

    async def go() -> Any:
        code = text.replace("NAMES", repr(names))
        env = {"ACME_A": None, "ACME_B": "2"}
        process = AdapterProcess([sys.executable, "-c", code], BRIEF, env)
        await process.start()
        with pytest.raises(Broke) as caught:
            await hello(process)
        return caught.value.tail

    assert asyncio.run(go()) == (repr([None, "2", os.environ["PATH"], None]),)
