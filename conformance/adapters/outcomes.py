"""What came of a call, as a transcript keeps it: a value, or an error with its kind."""

import inspect
from collections.abc import Callable, Mapping, Sequence
from copy import deepcopy
from typing import Any

from conformance.adapters import KINDS, Result, SdkAdapter
from conformance.adapters.values import NotReducible, reduced
from conformance.json_text import same

Outcome = dict[str, Any]
# Waits for an awaitable in a loop of the caller's choice.
Settle = Callable[[Any], Any]

# Members of an error that only its kind has.
_OF_HTTP = ("status", "body", "headers")


def broken(kind: str, message: str, **more: Any) -> Outcome:
    """The outcome of a call of which the SDK is not to blame: the adapter broke, or never came.

    Its error has `"by": "suite"`; the kind is timeout, protocol or other.
    """
    return {"error": {"kind": kind, "type": "", "message": message, "by": "suite", **more}}


def is_broken(outcome: Outcome) -> bool:
    """Whether an outcome says nothing of the SDK."""
    return "error" in outcome and outcome["error"].get("by") == "suite"


def named(outcome: Outcome, who: str) -> Outcome:
    """An outcome of which the adapter is to blame, with who and what was asked in its message."""
    error = outcome.get("error", {})
    if error.get("kind") != "protocol":
        return outcome
    message = f"{who}: {error.get('message') or 'answered with an error of the protocol'}"
    return {**outcome, **broken("protocol", message)}


def is_status(value: Any) -> bool:
    """Whether this can be the status of an HTTP answer."""
    return isinstance(value, int) and 100 <= value <= 599


def checked_error(error: Mapping[str, Any]) -> dict[str, Any]:
    """An error as it stands, of kind other where its kind is unknown or lacks its status."""
    known = error.get("kind") in KINDS
    # The mark of the suite is not for others.
    kept = {name: member for name, member in error.items() if name != "by"}
    if known and (error["kind"] != "http" or is_status(error.get("status"))):
        return kept
    return {name: one for name, one in kept.items() if name not in _OF_HTTP} | {"kind": "other"}


def value_outcome(returned: Any) -> Outcome:
    """The outcome of a call that returned."""
    result = returned if isinstance(returned, Result) else None
    value = result.value if result else returned
    name = result.type if result else type(returned).__name__
    try:
        outcome = {"value": reduced(value), "type": name}
        if result and result.raw is not None:
            outcome["raw"] = reduced(result.raw)
    except NotReducible as error:
        return broken("protocol", f"the adapter returned a {name} that {error}")
    return outcome


def error_outcome(error: BaseException) -> Outcome:
    """The outcome of a call that raised; exceptions are known by their attributes."""
    method, reason = getattr(error, "method", None), getattr(error, "reason", None)
    if isinstance(method, str) and isinstance(reason, str):
        said = {"kind": "unsupported", "method": method, "reason": reason}
        url = getattr(error, "issue_url", None)
        return {"error": {**said, "issue_url": url} if isinstance(url, str) else said}
    kind = getattr(error, "kind", None)
    if kind in KINDS and isinstance(getattr(error, "type", None), str):
        return {"error": checked_error(_typed(error))}
    return {
        "error": {
            "kind": "other",
            "type": native_name(error),
            "message": _line(error),
            "repr": _printable(error),
        }
    }


def _typed(error: Any) -> dict[str, Any]:
    """The members of an error that says its kind, as far as they have a JSON form."""
    found = {"kind": error.kind, "type": error.type, "message": _shown(error, "message")}
    found["repr"] = _printable(error.__cause__ or error)
    if error.kind == "http":
        found |= {name: _shown(error, name) for name in ("status", "body")}
        found["headers"] = _pairs(getattr(error, "headers", None))
        found = {name: member for name, member in found.items() if member is not None}
    return found


def _shown(error: Any, name: str) -> Any:
    value = getattr(error, name, None)
    try:
        return reduced(value)
    except NotReducible:
        return str(value)


def _pairs(headers: Any) -> list[list[str]] | None:
    if isinstance(headers, Mapping) or hasattr(headers, "items"):
        headers = list(headers.items())
    if not isinstance(headers, Sequence) or isinstance(headers, str):
        return None
    return [[str(name), str(value)] for name, value in headers]


def native_name(error: BaseException) -> str:
    """The class of an exception with its package; built-in ones stand alone."""
    kind = type(error)
    return kind.__name__ if kind.__module__ == "builtins" else f"{kind.__module__}.{kind.__name__}"


def _line(error: BaseException) -> str:
    try:
        return reduced(str(error)) or type(error).__name__
    except Exception:
        # An exception of somebody else's that cannot be printed.
        return type(error).__name__


def _printable(error: BaseException) -> str:
    try:
        return str(reduced(repr(error)))
    except Exception:
        return type(error).__name__


def perform(
    adapter: SdkAdapter, client: object, method: str, args: Mapping[str, Any], settle: Settle
) -> Outcome:
    """Make one call and say what came of it; never raises.

    `argument_after` has the arguments as they stand after a call that changed them.
    """
    given: Any = deepcopy(dict(args))
    try:
        returned = adapter.call(client, method, given)
        outcome = value_outcome(settle(returned) if inspect.isawaitable(returned) else returned)
    except BaseException as error:
        # An SDK that exits must not end the suite.
        outcome = error_outcome(error)
    return outcome | _changes(given, dict(args))


def _changes(given: dict[str, Any], before: dict[str, Any]) -> Outcome:
    try:
        after = reduced(given)
        return {} if same(after, reduced(before)) else {"argument_after": after}
    except NotReducible as error:
        return {"argument_after": f"the arguments, which now {error}"}
