"""A look at an adapter before any run: is it the adapter that is broken, or the SDK?

Six steps against a recorder: hello, open, a create, a get of a 404, a URL, exit.
"""

import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from conformance.adapters.outcomes import Outcome, is_broken
from conformance.errors import ConformanceError
from conformance.json_text import at, dump
from conformance.redact import Redactor
from conformance.targets.hosting import RunningHost
from conformance.targets.limits import ScenarioStopped
from conformance.targets.raw_http import RawRequest
from conformance.targets.recorder import Endpoint, Reply
from conformance.transcript import Exchange, Step

_KEY = "sk-conformance-doctor-0123456789"
_ID, _MISSING = "batch_doctor", "batch_missing"
_REQUEST = {"input_file_id": "file_doctor", "endpoint": "/v1/responses", "completion_window": "24h"}
_BATCH = {"id": _ID, "object": "batch", "status": "validating", **_REQUEST}
_NOT_FOUND = {"error": "not_found", "message": "no such batch"}
_SHOWN = 200


@dataclass(frozen=True)
class Symptom:
    """What one step shows; `blame` is adapter or sdk, empty where all is well."""

    step: str
    blame: str
    text: str


@dataclass
class _Paper:
    """Where the recorder writes."""

    redactor: Redactor = field(default_factory=lambda: Redactor({"key:a": _KEY}))
    steps: list[Step] = field(default_factory=list)
    start: float = field(default_factory=time.monotonic)

    def now_ms(self) -> int:
        return round((time.monotonic() - self.start) * 1000)


Judge = Callable[[Outcome, Sequence[Exchange]], Symptom]


async def examine(host: RunningHost) -> list[Symptom]:
    """The symptoms of one adapter, step by step; those after a broken one may be missing."""
    try:
        hello = await host.hello()
        found = [_greeted(hello), *await _worked(host, hello["methods"])]
    except ConformanceError as error:
        found = [Symptom("hello", "adapter", str(error))]
    except ScenarioStopped as stopped:
        found = [Symptom("calls", "adapter", str(stopped))]
    seen = len(host.notes)
    await host.exit()
    odd = host.notes[seen:]
    return [*found, Symptom("exit", "adapter" if odd else "", "; ".join(odd) or "ended in time")]


def _greeted(hello: Mapping[str, Any]) -> Symptom:
    about = f"{hello['sdk']} {hello['version']}, {hello['language']}, {hello['runtime']}"
    count = len(hello["methods"])
    if not count:
        return Symptom("hello", "sdk", f"{about}: no method of the contract")
    return Symptom("hello", "", f"{about}: {count} methods, {hello['concurrency']} at once")


def _answer(request: RawRequest) -> Reply:
    if request.path.rstrip("/").endswith(_MISSING):
        return Reply(404, dump(_NOT_FOUND).encode())
    return Reply(200, dump(_BATCH).encode())


async def _worked(host: RunningHost, methods: Mapping[str, str]) -> list[Symptom]:
    """Open, the calls, close, against a recorder."""
    paper = _Paper()
    endpoint = Endpoint(paper, _answer, paper)
    await endpoint.start()
    try:
        url = f"{endpoint.origin}/v1"
        opened = await host.open("doctor", {"base_url": url, "api_key": _KEY})
        if "error" in opened:
            return [Symptom("open", "adapter", f"builds no client: {_said(opened)}")]
        found = [Symptom("open", "", f"a client of {url}")]
        for step, ways, judge in _PROBES:
            asked = next((one for one in ways.items() if one[0] in methods), None)
            found.append(
                Symptom(step, "", f"not offered: {' or '.join(ways)}")
                if asked is None
                else await _probed(host, paper, step, asked, judge)
            )
        closed = await host.close("doctor")
        return found if "error" not in closed else [*found, _blamed("close", closed)]
    finally:
        await endpoint.close()


async def _probed(
    host: RunningHost,
    paper: _Paper,
    step: str,
    asked: tuple[str, Mapping[str, Any]],
    judge: Judge,
) -> Symptom:
    before = len(paper.steps)
    outcome = await host.call("doctor", *asked)
    sent = [one for one in paper.steps[before:] if isinstance(one, Exchange)]
    found = _of_the_adapter(step, outcome, sent) or judge(outcome, sent)
    return Symptom(step, found.blame, f"{asked[0]}: {found.text}")


def _said(outcome: Outcome) -> str:
    """An error in short: kind, type, message."""
    error = outcome["error"]
    about = " ".join(filter(None, (f"kind {error['kind']}", error.get("type"))))
    return f"{about}: {error.get('message', '')}"[: _SHOWN * 2]


def _blamed(step: str, outcome: Outcome) -> Symptom:
    return Symptom(step, "adapter", _said(outcome))


def _sent(sent: Sequence[Exchange]) -> str:
    return ", ".join(f"{one.request.method} {one.request.path}" for one in sent) or "nothing"


def _of_the_adapter(step: str, outcome: Outcome, sent: Sequence[Exchange]) -> Symptom | None:
    """What only an adapter can be to blame for."""
    if "error" not in outcome:
        return None
    kind = outcome["error"]["kind"]
    if is_broken(outcome):
        return _blamed(step, outcome)
    if kind == "unsupported":
        return Symptom(step, "adapter", "declared in hello, and now unsupported")
    if kind == "argument" and sent:
        text = f"kind argument is for what was not sent, but {_sent(sent)} was: {_said(outcome)}"
        return Symptom(step, "adapter", text)
    return None


def _unsent(outcome: Outcome) -> Symptom:
    return Symptom(
        "",
        "adapter",
        f"nothing came to the recorder: {_said(outcome)}; does the adapter hand on base_url, and "
        "the arguments as the SDK wants them?",
    )


def _of_create(outcome: Outcome, sent: Sequence[Exchange]) -> Symptom:
    if "error" in outcome:
        if not sent:
            return _unsent(outcome)
        return Symptom("", "sdk", f"a good answer became an error: {_said(outcome)}")
    if not any(_is(one, "POST", "/v1/batches") for one in sent):
        return Symptom("", "sdk", f"sent {_sent(sent)} in place of POST /v1/batches")
    body = next(one for one in sent if _is(one, "POST", "/v1/batches")).request.json
    if body != _REQUEST:
        return Symptom("", "sdk", f"sent a body that is not the one given: {body!r:.{_SHOWN}}")
    value = outcome["value"]
    if not isinstance(value, dict):
        text = f"returned {value!r:.{_SHOWN}} in place of the batch that was answered"
        return Symptom("", "adapter", text)
    if at(value, "/id") != _ID:
        return Symptom("", "sdk", f"returned a batch without the answered id: {dump(value):.200}")
    return Symptom("", "", f"{_sent(sent)}, returned a {outcome['type'] or 'value'}")


def _is(exchange: Exchange, method: str, path: str) -> bool:
    return (exchange.request.method, exchange.request.path) == (method, path)


def _of_get(outcome: Outcome, sent: Sequence[Exchange]) -> Symptom:
    path = f"/v1/batches/{_MISSING}"
    if sent and not any(_is(one, "GET", path) for one in sent):
        return Symptom("", "sdk", f"sent {_sent(sent)} in place of GET {path}")
    if "error" not in outcome:
        return Symptom("", "sdk", f"a 404 came back as a value: {dump(outcome['value']):.200}")
    if not sent:
        return _unsent(outcome)
    error = outcome["error"]
    if error["kind"] != "http":
        hint = "if the SDK's error shows its status, the adapter has to say kind http"
        return Symptom("", "sdk", f"the error hides its status, {_said(outcome)}; {hint}")
    if error["status"] != 404:
        return Symptom("", "adapter", f"status {error['status']}, the recorder answered 404")
    return Symptom("", "", f"{_sent(sent)}, {error.get('type') or 'an error'} with status 404")


def _of_url(outcome: Outcome, sent: Sequence[Exchange]) -> Symptom:
    if "error" in outcome:
        return Symptom("", "sdk", f"builds no URL: {_said(outcome)}")
    if sent:
        return Symptom("", "sdk", f"a URL needs no request, but {_sent(sent)} was sent")
    value = outcome["value"]
    if not isinstance(value, str):
        return Symptom("", "adapter", f"returned {value!r:.{_SHOWN}} in place of a text")
    if not value.lower().startswith(("ws://", "wss://")) or _ID not in value:
        return Symptom("", "sdk", f"no stream URL of {_ID}: {value:.{_SHOWN}}")
    return Symptom("", "", value)


_CREATE, _GET = {"request": _REQUEST}, {"batch_id": _MISSING}
# Step, the methods that can show it with their arguments, and what is to be seen.
_PROBES: tuple[tuple[str, Mapping[str, Mapping[str, Any]], Judge], ...] = (
    ("create", {"createBatch": _CREATE, "batches.create": _CREATE}, _of_create),
    ("get", {"getBatch": _GET, "batches.get": _GET}, _of_get),
    (
        "url",
        {
            "batches.websocketUrl": {"batch_id": _ID},
            "getAsyncJobWebSocketUrl": {"kind": "batch", "job_id": _ID},
        },
        _of_url,
    ),
)
