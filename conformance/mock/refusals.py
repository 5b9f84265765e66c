"""Refusals in their four forms: flat, nested, the provider's own, plain text."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from conformance.mock.exchange import Answer, json_answer

NO_STORE = {"cache-control": "no-store"}

_SYSTEM_ERRORS = frozenset({"upstream_error", "gateway_error", "insufficient_funds"})
_ORIGINS = {"upstream_error": "upstream", "gateway_error": "gateway"}


class Refused(Exception):
    """The call ends here with a refusal."""

    def __init__(self, refusal: "Flat | Nested | PassedOn") -> None:
        super().__init__(str(refusal))
        self.refusal = refusal


@dataclass(frozen=True, slots=True)
class Flat:
    """Form F: `error` is a word, with reason, ids and origin beside it."""

    status: int
    error: str
    reason: str | None
    description: str
    extra: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Nested:
    """Form N: `error` is an object made by the gateway."""

    status: int
    error: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class PassedOn:
    """Form P: the provider's own answer, with `billing` when credit had been held for it."""

    status: int
    body: Any
    headers: Mapping[str, str] = field(default_factory=dict)
    billing: Mapping[str, Any] | None = None


Refusal = Flat | Nested | PassedOn


def error_type(error: str) -> str:
    """`system` when the caller cannot mend it by changing the request."""
    return "system" if error in _SYSTEM_ERRORS else "user"


def error_origin(error: str) -> str:
    """Who caused it: user, gateway or upstream."""
    return _ORIGINS.get(error, "user")


def flat_body(refusal: Flat, request_id: str, workspace_id: str | None) -> dict[str, Any]:
    """The body of form F; without `workspace_id` when the caller is not known."""
    body: dict[str, Any] = {"error": refusal.error}
    if refusal.reason is not None:
        body["reason"] = refusal.reason
    body["description"] = refusal.description
    body["request_id"] = request_id
    if workspace_id is not None:
        body["workspace_id"] = workspace_id
    body.update(refusal.extra)
    return body | {
        "status_code": refusal.status,
        "error_type": error_type(refusal.error),
        "error_origin": error_origin(refusal.error),
        "generation_id": request_id,
    }


def nested_answer(refusal: Nested) -> Answer:
    """The answer of form N."""
    return json_answer(refusal.status, {"error": dict(refusal.error)})


def passed_on_answer(refusal: PassedOn) -> Answer:
    """The provider's answer; a body that has no `error` is put into one."""
    body = refusal.body
    if not isinstance(body, dict) or not isinstance(body.get("error"), dict | str):
        text = body if isinstance(body, str) else "the provider answered with an error"
        body = {"error": {"type": "upstream_error", "message": text}}
    if refusal.billing is not None:
        body = {**body, "billing": dict(refusal.billing)}
    return json_answer(refusal.status, body, refusal.headers)


def unknown_route() -> Answer:
    """Form T: what any path or method outside the contract gets."""
    return Answer(404, b"404 Not Found", {"content-type": "text/plain; charset=utf-8"})


def validation(reason: str, description: str, **extra: Any) -> Refused:
    """A 400 for a request that can be mended."""
    return Refused(Flat(400, "validation_error", reason, description, extra))


def not_found(reason: str, description: str, **extra: Any) -> Refused:
    """A 404 for an id that is unknown or belongs to somebody else."""
    return Refused(Flat(404, "not_found", reason, description, extra))


def gateway_error(reason: str, description: str, **extra: Any) -> Refused:
    """A 500 for a fault of the gateway's own parts."""
    return Refused(Flat(500, "gateway_error", reason, description, extra))


def upstream_error(reason: str, description: str, **extra: Any) -> Refused:
    """A 502 for a provider that cannot be understood or reached."""
    return Refused(Flat(502, "upstream_error", reason, description, extra))
