"""A process that is an adapter, with all that can go wrong with it."""

import asyncio
import json
import sys
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any

import pytest

from conformance.adapters.outcomes import is_broken
from conformance.errors import AdapterError, ConfigError
from conformance.targets.command import CommandHost, command_host
from conformance.targets.hosting import SdkLimits
from conformance.targets.limits import ScenarioStopped

# An adapter that does what the batch id says; its arguments change its hello and its end.
SCRIPT = r"""
import json, os, sys
mode = sys.argv[1] if len(sys.argv) > 1 else ""
def say(**answer):
    print(json.dumps(answer), flush=True)
def value(id, value):
    say(id=id, result={"value": value, "type": "text"})
hello = {"protocol": 1, "adapter": {"name": "t", "version": "1"},
         "sdk": {"name": "acme", "version": "1", "language": "python", "runtime": "x"},
         "methods": {"getBatch": "get"}, "options": [], "concurrency": 1}
if mode.startswith("{"):
    hello |= json.loads(mode)
clients, held = {}, []
for line in sys.stdin:
    ask = json.loads(line)
    id, op = ask["id"], ask["op"]
    word = ask.get("args", {}).get("batch_id", "")
    if op == "hello":
        if mode == "silent": continue
        if mode == "dies": sys.stderr.write("no\nluck\n"); sys.exit(3)
        if mode == "noise": print("starting up", flush=True); continue
        if mode == "error": say(id=id, error={"kind": "other", "message": "no SDK"}); continue
        say(id=id, result=hello)
    elif op == "open":
        if ask["settings"]["base_url"] == "refused":
            say(id=id, error={"kind": "argument", "type": "E", "message": "no"})
            continue
        if ask["settings"]["base_url"] == "once" and os.path.exists(mode):
            say(id=id, error={"kind": "argument", "type": "E", "message": "no more"})
            continue
        clients[ask["client"]] = ask["settings"]
        say(id=id, result={})
    elif op == "close":
        del clients[ask["client"]]
        say(id=id, result={})
    elif op == "exit":
        if mode == "hangs": continue
        if mode == "fails": sys.exit(5)
        say(id=id, result={})
        break
    elif word == "noise": print("hello world", flush=True)
    elif word == "twice": value(id, 1); value(id, 1)
    elif word == "never": pass
    elif word == "die": sys.stderr.write("about\nto die\n"); sys.stderr.flush(); os._exit(7)
    elif word == "mumble": sys.stdout.write('{"id"'); sys.stdout.flush(); os._exit(0)
    elif word == "mark": open(mode, "w").close(); os._exit(1)
    elif word == "endless":
        while True: sys.stdout.write("x" * 65536)
    elif word == "unknown": value(99, 1)
    elif word == "untyped": say(id=id, result={"value": 1})
    elif word == "protocol": say(id=id, error={"kind": "protocol", "message": "what?"})
    elif word == "http": say(id=id, error={"kind": "http", "type": "E", "message": "no"})
    elif word == "env": value(id, os.environ.get("ACME"))
    elif word == "keys": value(id, sorted(n for n in os.environ if "API_KEY" in n))
    elif word == "hold": held.append(id)
    elif word == "release":
        value(id, "last first")
        for one in reversed(held): value(one, one)
    else: value(id, [ask["client"], clients[ask["client"]]["base_url"], word])
"""
NAME = "--adapter-cmd acme"
LIMITS = SdkLimits(grace_s=0.2, line_bytes=100_000)
Work = Callable[[CommandHost], Awaitable[Any]]


def host(mode: str = "", limits: SdkLimits = LIMITS) -> CommandHost:
    return CommandHost([sys.executable, "-S", "-E", "-c", SCRIPT, mode], limits, NAME)


def run(work: Work, mode: str = "", limits: SdkLimits = LIMITS) -> tuple[Any, CommandHost]:
    """What the work comes to, and the host after its end."""

    async def go() -> Any:
        made = host(mode, limits)
        try:
            return await work(made), made
        finally:
            await made.exit()

    found: tuple[Any, CommandHost] = asyncio.run(go())
    return found


def opened(*words: str, bound_s: float | None = None) -> Work:
    """Opens client a and calls it with each word; the outcomes."""

    async def work(made: CommandHost) -> list[Any]:
        await made.open("a", {"base_url": "u"})
        return [await made.call("a", "getBatch", {"batch_id": one}, bound_s) for one in words]

    return work


def outcomes(*words: str, mode: str = "", bound_s: float | None = None) -> list[Any]:
    found: list[Any] = run(opened(*words, bound_s=bound_s), mode)[0]
    return found


def fine(word: str) -> dict[str, Any]:
    return {"value": ["a", "u", word], "type": "text"}


def test_a_good_adapter_is_asked_and_ended() -> None:
    async def work(made: CommandHost) -> Any:
        hello = await made.hello()
        return hello["methods"], await opened("b")(made), await made.close("a")

    found, made = run(work)
    assert found == ({"getBatch": "get"}, [fine("b")], {"value": {}, "type": ""})
    assert made.notes == []


@pytest.mark.parametrize(
    ("word", "kind", "why"),
    [
        ("noise", "protocol", "a line on stdout that is no JSON object (prints belong on stderr): "
         "'hello world'"),
        ("unknown", "protocol", "an answer to request 99, which was never asked: "),
        ("untyped", "protocol", "the result of call needs value, and a text as type: "),
        ("endless", "protocol", "a line on stdout longer than 100000 bytes: xxx"),
        ("die", "other", "the process ended with status 7"),
        ("mumble", "other", "the process ended with status 0 amid the line '{\"id\"'"),
    ],
)  # fmt: skip
def test_an_adapter_that_breaks_is_named_with_the_call_and_started_again(
    word: str, kind: str, why: str
) -> None:
    broke, after = outcomes(word, "b")
    assert is_broken(broke)
    assert broke["error"]["kind"] == kind
    assert broke["error"]["message"].startswith(f"{NAME}: getBatch: {why}")
    assert after == fine("b")


def test_a_line_that_nobody_asked_for_is_told_at_the_end() -> None:
    _, made = run(opened("twice", "b", "b"))
    assert len(made.notes) == 1
    assert made.notes[0].startswith(f"{NAME}: started again: an answer to request 2, which has ")


def test_what_it_wrote_on_stderr_comes_with_the_call() -> None:
    (broke,) = outcomes("die")
    assert broke["error"]["stderr"] == ["about", "to die"]


def test_an_answer_that_comes_twice_breaks_what_is_asked_next() -> None:
    first, second, third = outcomes("twice", "b", "b")
    assert first == {"value": 1, "type": "text"}
    # The second line may be read before or after the next request is out.
    assert second == fine("b") or "request 2, which has been answered already" in str(second)
    assert third == fine("b")


def test_an_answer_that_never_comes_is_a_timeout_by_the_suite() -> None:
    (late,) = outcomes("never", bound_s=0.0)
    assert is_broken(late)
    assert (late["error"]["kind"], late["error"]["message"]) == (
        "timeout",
        f"{NAME}: getBatch: no answer within 0.2 s",
    )


def test_other_calls_of_a_process_that_is_ended_for_a_late_one_are_told_why() -> None:
    async def work(made: CommandHost) -> Any:
        await made.open("a", {"base_url": "u"})
        return await asyncio.gather(
            made.call("a", "getBatch", {"batch_id": "hold"}),
            made.call("a", "cancelBatch", {"batch_id": "never"}, 0.0),
        )

    other, late = run(work, '{"concurrency": 2}')[0]
    assert late["error"]["kind"] == "timeout"
    assert (other["error"]["kind"], other["error"]["message"]) == (
        "other",
        f"{NAME}: getBatch: the process was ended, for cancelBatch had no answer within 0.2 s",
    )


def test_answers_may_come_out_of_order_when_hello_says_so() -> None:
    async def work(made: CommandHost) -> Any:
        await made.open("a", {"base_url": "u"})
        words = ("hold", "hold", "release")
        calls = [made.call("a", "getBatch", {"batch_id": word}) for word in words]
        return [outcome["value"] for outcome in await asyncio.gather(*calls)]

    assert run(work, '{"concurrency": 3}')[0] == [2, 3, "last first"]


def test_without_it_one_request_waits_for_the_other() -> None:
    async def work(made: CommandHost) -> Any:
        await made.open("a", {"base_url": "u"})
        words = ("hold", "release")
        calls = [made.call("a", "getBatch", {"batch_id": word}, 0.0) for word in words]
        return await asyncio.gather(*calls)

    held, _ = run(work)[0]
    assert held["error"]["kind"] == "timeout"


def test_a_process_is_started_again_three_times_and_then_no_more() -> None:
    async def work(made: CommandHost) -> Any:
        found = await opened("die", "die", "die", "b", "die")(made)
        with pytest.raises(ScenarioStopped) as caught:
            await made.call("a", "getBatch", {"batch_id": "b"})
        with pytest.raises(ScenarioStopped):
            await made.open("b", {"base_url": "u"})
        return found, str(caught.value)

    found, text = run(work)[0]
    assert [is_broken(one) for one in found] == [True, True, True, False, True]
    assert text == f"{NAME} broke 4 times, last: the process ended with status 7"


def test_a_client_that_cannot_be_opened_again_says_so(tmp_path: Path) -> None:
    async def work(made: CommandHost) -> Any:
        await made.open("a", {"base_url": "once"})
        await made.open("b", {"base_url": "u"})
        await made.call("a", "getBatch", {"batch_id": "mark"})
        return [await made.call(one, "getBatch", {"batch_id": "x"}) for one in ("a", "b")]

    trouble, well = run(work, str(tmp_path / "mark"))[0]
    assert trouble["error"]["message"] == "no more"
    assert well["value"] == ["b", "u", "x"]


def test_errors_of_the_protocol_are_the_adapters() -> None:
    protocol, http = outcomes("protocol", "http")
    assert is_broken(protocol)
    assert protocol["error"]["message"] == f"{NAME}: getBatch: what?"
    assert http == {"error": {"kind": "other", "type": "E", "message": "no"}}


def test_a_client_that_is_not_open_is_not_called() -> None:
    async def work(made: CommandHost) -> Any:
        refused = await made.open("a", {"base_url": "refused"})
        return refused, await made.call("a", "getBatch", {}), await made.close("a")

    refused, called, closed = run(work)[0]
    assert refused["error"]["kind"] == "argument"
    assert called["error"]["message"] == f"{NAME}: getBatch: client a is not open"
    assert closed == {"value": {}, "type": ""}


def test_a_client_with_variables_has_a_process_of_its_own(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AI_STATS_API_KEY", "the user's")
    monkeypatch.setenv("ACME", "outside")

    async def work(made: CommandHost) -> Any:
        await made.open("a", {"base_url": "u"})
        await made.open("b", {"base_url": "u"}, {"ACME": "mine", "PHASEO_API_KEY": "given"})
        await made.open("c", {"base_url": "u"}, {"ACME": None})
        await made.call("b", "getBatch", {"batch_id": "die"})
        envs = [await made.call(one, "getBatch", {"batch_id": "env"}) for one in ("a", "b", "c")]
        keys = [await made.call(one, "getBatch", {"batch_id": "keys"}) for one in ("a", "b")]
        return [one["value"] for one in (*envs, *keys)], await made.close("b")

    found, closed = run(work)[0]
    assert found == ["outside", "mine", None, [], ["PHASEO_API_KEY"]]
    assert closed == {"value": {}, "type": ""}


def test_a_process_of_its_own_that_does_not_start_is_an_outcome() -> None:
    async def work(made: CommandHost) -> Any:
        with pytest.raises(AdapterError):
            await made.open("a", {"base_url": "u"})
        return await made.open("b", {"base_url": "u"}, {})

    (broke, _) = run(work, "dies")
    assert is_broken(broke)
    assert broke["error"]["message"].startswith(f"{NAME}: hello: the process ended with status 3")


@pytest.mark.parametrize(
    ("mode", "why"),
    [
        ("dies", "hello: the process ended with status 3\n  stderr: no\n  stderr: luck"),
        ("noise", "hello: a line on stdout that is no JSON object (prints belong on stderr): "
         "'starting up'"),
        ("error", "hello was answered with an error of kind other: no SDK"),
        ('{"methods": []}', "hello has no mapping of contract names to native spellings as "
         "methods, but []"),
    ],
)  # fmt: skip
def test_an_adapter_that_does_not_introduce_itself_is_an_error(mode: str, why: str) -> None:
    with pytest.raises(AdapterError) as caught:
        run(CommandHost.hello, mode)
    assert str(caught.value) == f"{NAME}: {why}"


def test_an_adapter_that_stays_silent_is_ended() -> None:
    with pytest.raises(AdapterError) as caught:
        run(CommandHost.hello, "silent", SdkLimits(hello_s=0.3))
    assert str(caught.value) == f"{NAME}: hello: no answer within 0.3 s"


def test_a_command_that_is_not_there_is_an_error() -> None:
    async def go() -> None:
        await command_host("acme-adapter-that-is-nowhere --flag").hello()

    with pytest.raises(AdapterError) as caught:
        asyncio.run(go())
    assert str(caught.value) == (
        "--adapter-cmd acme-adapter-that-is-nowhere --flag: hello: cannot be started: "
        "No such file or directory"
    )


def test_another_protocol_is_a_usage_error_that_names_both() -> None:
    with pytest.raises(ConfigError) as caught:
        run(CommandHost.hello, '{"protocol": 2}')
    assert str(caught.value) == f"{NAME}: hello chose protocol 2; the suite offers 1"


@pytest.mark.parametrize(
    ("mode", "notes"),
    [
        ("fails", [f"{NAME}: exit: ended with status 5"]),
        ("hangs", [f"{NAME}: exit: did not end within 1 s"]),
        (json.dumps({"methods": {"x": "y"}, "notes": ["a checkout"]}),
         [f"{NAME}: hello names x, which is no method of the contract", f"{NAME}: a checkout"]),
    ],
)  # fmt: skip
def test_what_is_odd_becomes_a_note(mode: str, notes: list[str]) -> None:
    _, made = run(CommandHost.hello, mode, SdkLimits(exit_s=1.0))
    assert made.notes == notes


@pytest.mark.parametrize(
    ("text", "why"),
    [("", "--adapter-cmd: the command is empty"), ("a 'b", "cannot be taken apart: No closing")],
)
def test_a_command_that_is_none_is_a_usage_error(text: str, why: str) -> None:
    with pytest.raises(ConfigError, match=why):
        command_host(text)
    assert command_host("node 'a b.mjs'").name == "--adapter-cmd node 'a b.mjs'"
