"""Import recordings that a gateway test rig wrote (one JSON file a scenario) as cassettes.

A recorded instant is the start of a step, for the end of an exchange is not written down. So an
exchange ends at the latest when the rig, which does one thing at a time, began its next step; that
bound is taken. Requests begun within 1 ms of each other were sent together: no answer of the rig's
gateway came faster, so these overlap, and each is bounded by what follows the group.
"""

from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

from conformance import __version__
from conformance.cassette_format import Header
from conformance.cassettes import save
from conformance.errors import CassetteError
from conformance.json_text import NotJson, dump, parse, plain
from conformance.redact import Redactor
from conformance.requirements import registry
from conformance.transcript import (
    Body,
    Close,
    Delivery,
    Edge,
    Exchange,
    Frame,
    Headers,
    Part,
    Request,
    Response,
    Step,
    Stream,
    Transcript,
    Wallet,
)

# The address that the recorded gateway names in its own links.
_AUTHORITY = "127.0.0.1:8787"
_WORKSPACES = {"a": "a", "b": "b", "c": "no_funds"}
# Refused keys stand in the recordings as they were sent; what each one was, its label tells.
_REFUSED_KEYS = {"known key id, wrong secret": "wrong-secret", "unknown key id": "unknown"}
# What the rig could do besides plain calls: it scripted the provider and held the other keys.
_CAPABILITIES = (
    "create", "files", "cancel", "terminal", "outcome-control", "clock", "second-key", "no-funds",
    "wallet", "webhook", "stream", "provider-control", "operator-control", "price-card",
)  # fmt: skip
_APART_MS = 2
# Steps (scenario, number) that are the stimulus of a table case which only its label can show:
# the case needs a prepared file or batch, or the step says the same in other words.
_CASES = {
    ("auth", 2): "REST-AUTH-04/no-form",
    ("auth", 9): "REST-VALID-15/key-before-json",
    ("batch_api_disabled", 3): "REST-CREATE-17/create-with-key",
    ("create_full", 2): "REST-VALID-04/short-name",
    ("create_minimal", 2): "REST-VALID-05/responses",
    ("endpoint_chat_and_embeddings", 2): "REST-VALID-05/chat-completions",
    ("files", 5): "REST-FILES-05/metadata",
    ("invalid_json", 1): "REST-VALID-01/lone-brace",
    ("paths_and_methods", 8): "REST-ERR-15/delete",
    ("row_without_model_top_level_model", 2): "REST-VALID-19/model-of-the-request",
    ("unsupported_provider", 4): "REST-GET-05/foreign-provider",
    ("validation_errors", 23): "REST-VALID-16/blank-lines",
    ("validation_errors", 25): "REST-VALID-17/no-body",
    ("validation_errors", 27): "REST-VALID-19/no-model",
    ("validation_errors", 29): "REST-VALID-18/not-json",
    ("validation_errors", 31): "REST-VALID-20/foreign-url",
}

Recorded = Mapping[str, Any]


def _ms(seconds: Any) -> int:
    milliseconds: int = round(seconds * 1000)
    return milliseconds


def _ends_ms(steps: Sequence[Recorded]) -> list[int]:
    """For every step the latest instant at which it can have ended."""
    starts = [_ms(step["at"]) for step in steps]
    # A delivery comes when the gateway sends it, so it bounds nothing that the rig did.
    own = [start for step, start in zip(steps, starts, strict=True) if step["kind"] != "webhook"]
    ends = []
    for start in starts:
        group_end = start
        for later in own:
            if group_end < later < group_end + _APART_MS:
                group_end = later
        ends.append(next((later for later in own if later > group_end), group_end))
    return ends


def _text_of(value: Any) -> str:
    return "" if value is None else str(value)


def _parts(described: Recorded) -> tuple[Part, ...]:
    parts = []
    for name, value in described.items():
        if isinstance(value, Mapping):
            content = _text_of(value.get("text")).encode()
            parts.append(Part(name, content, value.get("filename"), value.get("content_type")))
        else:
            parts.append(Part(name, _text_of(value).encode()))
    return tuple(parts)


def _body(message: Recorded) -> Body | None:
    """The body of a message; one that was recorded as a JSON value is written anew."""
    text, value = message.get("body_text"), message.get("body")
    if text is not None:
        return Body(str(text).encode())
    if value is None:
        return None
    if isinstance(value, Mapping) and "multipart" in value:
        return Body(parts=_parts(value["multipart"]))
    return Body(dump(value).encode(), exact=False)


def _header(name: str, value: str, label: str | None) -> tuple[str, str]:
    if name != "authorization":
        return name, value
    if label in _REFUSED_KEYS:
        return name, f"Bearer {{{{key:{_REFUSED_KEYS[label]}}}}}"
    for letter, key in _WORKSPACES.items():
        value = value.replace(f"REDACTED({letter})", f"{{{{key:{key}}}}}")
    return name, value


def _headers(recorded: Mapping[str, str], label: str | None = None) -> Headers:
    return tuple(_header(name, value, label) for name, value in recorded.items())


def _label(step: Recorded) -> str | None:
    said = [step[key] for key in ("label", "note") if step.get(key)]
    return "; ".join(said) or None


def _request(step: Recorded, scheme: str) -> Request:
    recorded = step["request"]
    query = urlencode(recorded.get("query") or {}, doseq=True, safe=",")
    url = f"{scheme}://{_AUTHORITY}{recorded['path']}" + (f"?{query}" if query else "")
    headers = _headers(recorded["headers"], step.get("label"))
    return Request(recorded["method"], url, headers, _body(recorded))


def _response(recorded: Recorded) -> Response:
    return Response(recorded["status"], _headers(recorded["headers"]), _body(recorded))


def _exchange(step: Recorded, end_ms: int, case: str | None) -> Exchange:
    request, response = _request(step, "http"), _response(step["response"])
    return Exchange(request, response, None, _ms(step["at"]), end_ms, case or _label(step))


def _stream(step: Recorded) -> Stream:
    close = step.get("close")
    return Stream(
        _request(step, "ws"),
        _response(step["response"]),
        tuple(Frame(one["from"], _ms(one["at"]), one["text"]) for one in step["frames"]),
        Close(_ms(close["at"]), close["code"], close["reason"], close["by"]) if close else None,
        _ms(step["at"]),
        _label(step),
    )


def _delivery(step: Recorded) -> Delivery:
    seen = step["delivery"]
    answered = seen["answered"]
    return Delivery(
        seen["method"],
        seen["path"],
        _headers(seen["headers"]),
        _body(seen) or Body(),
        _ms(step["at"]),
        {"dropped": True} if answered == "drop" else {"status": answered},
        seen["signature_valid"],
    )


def _wallet(step: Recorded) -> Wallet:
    workspace = _WORKSPACES[step["workspace"]]
    return Wallet(workspace, step["balance_nanos"], step["reserved_nanos"], at_ms=_ms(step["at"]))


def _edge(step: Recorded) -> Edge:
    detail = {key: value for key, value in step.items() if key not in {"kind", "at", "action"}}
    return Edge(step["action"], plain(detail), _ms(step["at"]))


def _step(step: Recorded, end_ms: int, case: str | None) -> Step:
    match step["kind"]:
        case "http":
            return _exchange(step, end_ms, case)
        case "ws":
            return _stream(step)
        case "webhook":
            return _delivery(step)
        case "wallet":
            return _wallet(step)
        case "edge":
            return _edge(step)
    raise ValueError(f"unknown kind of step {step['kind']!r}")


def _webhook_secrets(steps: Iterable[Recorded]) -> dict[str, str]:
    """Marker name → secret, for every webhook secret that a recorded request carries."""
    found: list[str] = []
    for step in steps:
        sent = step["request"].get("body") if step["kind"] == "http" else None
        webhook = sent.get("webhook") if isinstance(sent, Mapping) else None
        secret = webhook.get("secret") if isinstance(webhook, Mapping) else None
        if isinstance(secret, str) and secret not in found:
            found.append(secret)
    return {f"webhook:{number}": secret for number, secret in enumerate(found, start=1)}


def converted(recording: Recorded) -> Transcript:
    """The transcript of one recording; its JSON value comes from `conformance.json_text.parse`."""
    redactor = Redactor(_webhook_secrets(recording["steps"]))
    hidden: Recorded = parse(redactor.text(dump(recording)))
    steps = sorted(hidden["steps"], key=lambda step: _ms(step["at"]))
    cases = [_CASES.get((hidden["scenario"], number)) for number in range(1, len(steps) + 1)]
    return Transcript(
        hidden["scenario"],
        tuple(map(_step, steps, _ends_ms(steps), cases)),
        hidden["title"],
        hidden["recorded_at"],
    )


def header_of(recording: Recorded) -> Header:
    """What the cassette says of where the recording came from."""
    name = f"ai-stats gateway, revision {recording['revision']} ({recording['profile']})"
    target = {"kind": "recording", "name": name, "url": None}
    return Header(target, "ai-stats", __version__, registry().digest, _CAPABILITIES)


def import_folder(source: Path, target: Path) -> list[Path]:
    """Write the cassette of every recording (*.json) in `source` into `target`; returns the files.

    Raises CassetteError naming the file that is no recording, or the folder that has none.
    """
    files = sorted(source.glob("*.json"))
    if not files:
        raise CassetteError(f"{source}: no recording (*.json) in this folder")
    return [_imported(file, target) for file in files]


def _imported(file: Path, target: Path) -> Path:
    try:
        recording = parse(file.read_text("utf-8"))
        transcript, header = converted(recording), header_of(recording)
    except OSError as error:
        raise CassetteError(f"{file}: cannot be read: {error.strerror or error}") from error
    except (NotJson, KeyError, TypeError, ValueError, AttributeError) as error:
        raise CassetteError(f"{file}: not a recording: {error!r}") from error
    return save(transcript, header, target)
