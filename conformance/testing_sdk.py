"""Builders of what an SDK leaves in a transcript: hello, clients, calls with their wire. Pure."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

from conformance.json_text import ABSENT, dump
from conformance.sdk_calls import OPERATIONS
from conformance.transcript import (
    Body,
    Call,
    Edge,
    Exchange,
    Failure,
    Headers,
    Request,
    Response,
    Step,
)

OWN, OTHER = "http://127.0.0.1:8123", "http://localhost:8124"
BASE = f"{OWN}/v1"
KEY = "{{key:a}}"
_AGENT = ("User-Agent", "acme-sdk/1.2.3")
_CUT = Failure("protocol", "the recorder cut the connection, as it was told to")
# A call with what it sends takes so long, unless something else is said.
_TOOK_MS = 10


@dataclass(frozen=True)
class Said:
    """A call with its exchanges, both without their times."""

    call: Call
    sent: tuple[Exchange, ...]
    took_ms: int
    at_once: bool = False


def hello(**members: Any) -> Edge:
    """A hello of an SDK that has every method; `members` replace its own."""
    detail = {
        "sdk": "acme-sdk",
        "version": "1.2.3",
        "language": "python",
        "runtime": "CPython 3.12.1",
        "methods": {name: name for name in OPERATIONS},
        "options": ["base_url", "api_key", "timeout", "env"],
        "concurrency": 4,
        "timeout_default": 60,
        "in_process": True,
        **members,
    }
    return Edge("sdk_hello", detail)


def opened(client: str = "c", base_url: str = BASE, **members: Any) -> Edge:
    """A client of a recorder; `settings` and other `members` replace its own."""
    detail = {
        "client": client,
        "base_url": base_url,
        "origins": [OWN, OTHER],
        "settings": {"base_url": base_url, "api_key": KEY},
        "env": None,
        "outcome": {"value": {}, "type": ""},
        **members,
    }
    return Edge("sdk_open", detail)


def _body(value: Any) -> Body | None:
    if value is ABSENT:
        return None
    return Body(value if isinstance(value, bytes) else dump(value).encode())


def wire(
    line: str,
    sent: Any = ABSENT,
    *,
    answer: Any = ABSENT,
    status: int = 200,
    to: str | None = None,
    headers: Headers = (),
    more: Headers = (),
    key: str | None = KEY,
    origin: str = OWN,
) -> Exchange:
    """What arrived (`GET /v1/batches`) and its answer; `more` are headers of the request.

    With a status of 0 the connection was cut in place of an answer.
    """
    method, _, target = line.partition(" ")
    credential = (("Authorization", f"Bearer {key}"),) if key is not None else ()
    names = {name.lower() for name, _ in more}
    usual: Headers = (("Accept", "application/json"), _AGENT)
    if sent is not ABSENT:
        usual = (*usual, ("Content-Type", "application/json"))
    kept = tuple(one for one in (*credential, *usual) if one[0].lower() not in names)
    request = Request(method, origin + target, (*kept, *more), _body(sent))
    if status == 0:
        return Exchange(request, None, _CUT)
    place = (("location", to),) if to is not None else ()
    said = (("content-type", "application/json"), *place, *headers)
    return Exchange(request, Response(status, said, _body(answer)))


def returned(
    method: str,
    *sent: Exchange,
    value: Any = ABSENT,
    client: str = "c",
    took_ms: int = _TOOK_MS,
    at_once: bool = False,
    **args: Any,
) -> Said:
    """A call that returned: the value, or else the JSON of its last answer.

    With `at_once` it begins as soon as the one before it.
    """
    if value is ABSENT:
        response = sent[-1].response if sent else None
        value = response.json if response and response.json is not ABSENT else None
    outcome = {"value": value, "type": type(value).__name__}
    return Said(Call(method, args, outcome, client), sent, took_ms, at_once)


def failed(
    method: str,
    *sent: Exchange,
    kind: str,
    client: str = "c",
    took_ms: int = _TOOK_MS,
    error: dict[str, Any] | None = None,
    **args: Any,
) -> Said:
    """A call that failed; `error` replaces members of its error."""
    said = {"kind": kind, "type": "acme.Error", "message": "it failed", **(error or {})}
    return Said(Call(method, args, {"error": said}, client), sent, took_ms)


def refused(method: str, sent: Exchange, error: dict[str, Any] | None = None, **args: Any) -> Said:
    """A call that failed as the answer says, with an error that shows all of it."""
    response = sent.response
    assert response is not None  # noqa: S101 - a refusal is an answer
    told = {
        "type": "acme.HttpError",
        "message": f"the gateway answered {response.status}",
        "status": response.status,
        "body": response.json if response.json is not ABSENT else "",
        "headers": [list(one) for one in response.headers],
        **(error or {}),
    }
    return failed(method, sent, kind="http", error=told, **args)


def sdk(*calls: Said, says: Edge | None = None, clients: Sequence[Edge] = ()) -> list[Step]:
    """The steps of these calls, one after the other, of a client `c` unless others are given."""
    steps: list[Step] = [says or hello(), *(clients or [opened()])]
    now_ms = 100
    began_ms = now_ms
    for said in calls:
        began_ms = began_ms if said.at_once else now_ms
        ended_ms = max(began_ms + said.took_ms, began_ms + len(said.sent))
        call = replace(said.call, at_ms=began_ms, ended_at_ms=ended_ms)
        steps.append(call)
        for place, exchange in enumerate(said.sent):
            at_ms = began_ms + place
            steps.append(replace(exchange, at_ms=at_ms, ended_at_ms=at_ms))
        now_ms = max(now_ms, ended_ms + 1)
    return steps
