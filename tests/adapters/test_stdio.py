"""A Python adapter as a process."""

import io
import json
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from conformance.adapters.stdio import Server

HELLO = {
    "sdk": "acme",
    "version": "1",
    "language": "python",
    "runtime": "x",
    "methods": {"getBatch": "get"},
    "options": [],
    "concurrency": 2,
}


class Acme:
    def hello(self) -> Any:
        return HELLO

    def open(self, settings: Any) -> object:
        if settings["base_url"] == "bad":
            raise ValueError("no such base")
        return dict(settings)

    async def close(self, client: object) -> None:
        pass

    def call(self, client: object, method: str, args: Mapping[str, Any]) -> Any:
        async def later() -> Any:
            return {"client": client, "args": args}

        return {"value": 0.5} if args.get("now") else later()


def answers(*requests: dict[str, Any]) -> list[dict[str, Any]]:
    lines = b"".join(json.dumps(one).encode() + b"\n" for one in requests)
    out = io.BytesIO()
    Server(Acme(), "acme:Acme", out).serve(io.BytesIO(lines))
    return [json.loads(line) for line in out.getvalue().splitlines()]


class Sums(Acme):
    def call(self, client: object, method: str, args: Mapping[str, Any]) -> Any:
        return type(args["params"]["share"]).__name__


def test_numbers_are_those_that_people_write() -> None:
    call = {**CALL, "args": {"params": {"share": 0.25}}}
    lines = b"".join(json.dumps(one).encode() + b"\n" for one in (OPEN, call))
    out = io.BytesIO()
    Server(Sums(), "acme:Sums", out).serve(io.BytesIO(lines))
    assert json.loads(out.getvalue().splitlines()[-1])["result"]["value"] == "float"


OPEN = {"id": 1, "op": "open", "client": "a", "settings": {"base_url": "u"}}
CALL = {"id": 2, "op": "call", "client": "a", "method": "getBatch"}


def test_hello_has_the_form_of_the_protocol() -> None:
    (answer,) = answers({"id": 0, "op": "hello", "protocol": [1, 2]})
    result = answer["result"]
    assert (answer["id"], result["protocol"], result["adapter"]["name"]) == (0, 1, "acme:Acme")
    sdk = {"name": "acme", "version": "1", "language": "python", "runtime": "x"}
    assert (result["sdk"], result["methods"]) == (sdk, {"getBatch": "get"})


def test_another_protocol_is_refused() -> None:
    (answer,) = answers({"id": 0, "op": "hello", "protocol": [2]})
    assert answer["error"]["message"] == "this adapter speaks protocol 1"


def test_calls_are_answered_with_value_and_type() -> None:
    found = answers(OPEN, {**CALL, "args": {"now": 1}}, {**CALL, "id": 3, "args": {}})
    assert {"id": 2, "result": {"value": {"value": 0.5}, "type": "dict"}} in found
    value = {"client": {"base_url": "u"}, "args": {}}
    assert {"id": 3, "result": {"value": value, "type": "dict"}} in found


def test_what_cannot_be_opened_and_what_is_no_op_are_errors() -> None:
    bad = {**OPEN, "settings": {"base_url": "bad"}}
    opened, unknown = answers(bad, {"id": 2, "op": "wait"})
    assert (opened["error"]["kind"], opened["error"]["type"]) == ("other", "ValueError")
    assert unknown["error"] == {"kind": "protocol", "message": "no op is called wait"}


def test_a_client_that_is_not_open_cannot_be_closed() -> None:
    opened, closed, again = answers(
        OPEN, {"id": 2, "op": "close", "client": "a"}, {"id": 3, "op": "close", "client": "a"}
    )
    assert (opened, closed) == ({"id": 1, "result": {}}, {"id": 2, "result": {}})
    assert again["error"]["type"] == "KeyError"


def test_after_exit_nothing_is_answered() -> None:
    assert answers({"id": 0, "op": "exit"}, OPEN) == [{"id": 0, "result": {}}]


def run(folder: Path, name: str, text: str = "") -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "conformance.adapters.stdio", name],
        cwd=folder,
        input=text,
        capture_output=True,
        text=True,
        timeout=60,
    )


def test_what_an_adapter_prints_goes_to_stderr(tmp_path: Path) -> None:
    (tmp_path / "acme_prints.py").write_text(
        "import os\nprint('at import')\nos.write(1, b'raw\\n')\n"
        "class Acme:\n    hello = open = call = close = print\n",
        "utf-8",
    )
    done = run(tmp_path, "acme_prints:Acme", '{"id":0,"op":"exit"}\n')
    assert (done.returncode, done.stdout) == (0, '{"id":0,"result":{}}\n')
    assert sorted(done.stderr.splitlines()) == ["at import", "raw"]


def test_an_adapter_that_cannot_be_loaded_ends_with_4(tmp_path: Path) -> None:
    done = run(tmp_path, "acme_nowhere:Acme")
    assert (done.returncode, done.stdout) == (4, "")
    assert done.stderr.startswith("error: --adapter acme_nowhere:Acme: there is no module")
