"""Where a Python SDK has the methods of the contract, and how it wants their arguments."""

import base64
import inspect
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

Arguments = tuple[list[Any], dict[str, Any]]

# Contract name → where it may be, best place first: client, batches or module, and its folded name.
PLACES: Mapping[str, tuple[tuple[str, str], ...]] = {
    "createBatch": (("client", "createbatch"),),
    "getBatch": (("client", "getbatch"),),
    "cancelBatch": (("client", "cancelbatch"),),
    "getAsyncJobWebSocketUrl": (("client", "getasyncjobwebsocketurl"),),
    "batches.create": (("batches", "create"),),
    "batches.get": (("batches", "get"),),
    "batches.cancel": (("batches", "cancel"),),
    "batches.websocketUrl": (
        ("batches", "websocketurl"),
        ("batches", "getwebsocketurl"),
        ("client", "getbatchwebsocketurl"),
        ("client", "batchwebsocketurl"),
    ),
    "listBatches": (("client", "listbatches"),),
    "batches.list": (("batches", "list"),),
    "listBatchModels": (("client", "listbatchmodels"),),
    "batches.listModels": (("batches", "listmodels"),),
    "verifyAsyncWebhookSignature": (
        ("client", "verifyasyncwebhooksignature"),
        ("module", "verifyasyncwebhooksignature"),
    ),
    "computeAsyncWebhookSignature": (
        ("client", "computeasyncwebhooksignature"),
        ("module", "computeasyncwebhooksignature"),
    ),
}

# Argument of the contract → the folded names that a parameter for it may have.
_PARAMETERS: Mapping[str, tuple[str, ...]] = {
    "body": ("body", "rawbody", "payload"),
    "tolerance_seconds": ("toleranceseconds", "tolerance"),
    "now": ("now", "nowseconds"),
}


@dataclass(frozen=True)
class Native:
    """A method as the SDK has it."""

    spelling: str
    function: Callable[..., Any]


def fold(name: str) -> str:
    """A name without what languages and tastes differ in: case, underscores, get or retrieve."""
    folded = name.lower().replace("_", "").replace("retrieve", "get")
    return folded.removesuffix("async") or folded


def _names(owner: object, wanted: str) -> Iterator[str]:
    """The public names of an object that fold to this one, the plainest first."""
    found = [name for name in dir(owner) if not name.startswith("_") and fold(name) == wanted]
    yield from sorted(found, key=lambda name: (len(name), name))


def _function(owner: object, wanted: str) -> tuple[str, Callable[..., Any]] | None:
    for name in _names(owner, wanted):
        found = getattr(owner, name, None)
        if callable(found):
            return name, found
    return None


def find(method: str, client: object, module: object) -> Native | None:
    """The native method of a contract name, None where the SDK has none."""
    resource = next(_names(client, "batches"), None)
    owners = {
        "client": ("", client),
        "batches": (f"{resource}.", getattr(client, resource) if resource else None),
        "module": ("", module),
    }
    for place, wanted in PLACES.get(method, ()):
        prefix, owner = owners[place]
        found = _function(owner, wanted) if owner is not None else None
        if found is not None:
            return Native(prefix + found[0], found[1])
    return None


def _parameters(function: Callable[..., Any]) -> Mapping[str, inspect.Parameter]:
    try:
        return inspect.signature(function).parameters
    except (TypeError, ValueError):
        return {}


def _takes_positional(function: Callable[..., Any]) -> bool:
    named = _parameters(function).values()
    return not named or any(
        one.kind in {one.POSITIONAL_ONLY, one.POSITIONAL_OR_KEYWORD, one.VAR_POSITIONAL}
        for one in named
    )


def _keywords(function: Callable[..., Any], given: Mapping[str, Any]) -> dict[str, Any]:
    """The given arguments under the names of the parameters that are for them."""
    by_fold = {fold(name): name for name in _parameters(function)}
    found = {}
    for name, value in given.items():
        words = _PARAMETERS.get(name, (fold(name),))
        found[next((by_fold[word] for word in words if word in by_fold), name)] = value
    return found


def _options(function: Callable[..., Any], args: Mapping[str, Any]) -> Arguments:
    """The options of a URL helper: keywords, or the one mapping that a parameter is for."""
    options = args.get("options")
    if not options:
        return [], {}
    named = _keywords(function, options)
    parameters = _parameters(function)
    if "options" in parameters and not named.keys() & parameters.keys():
        return [], {"options": options}
    return [], named


def _mapping(function: Callable[..., Any], given: Any) -> Arguments:
    """One mapping as such, or its members where a function takes keywords alone."""
    if _takes_positional(function) or not isinstance(given, Mapping):
        return [given], {}
    return [], dict(given)


def _webhook(function: Callable[..., Any], args: Mapping[str, Any]) -> Arguments:
    given = {name: value for name, value in args.items() if name != "body_base64"}
    if "body_base64" in args:
        given["body"] = base64.b64decode(args["body_base64"])
    if "headers" in given:
        pairs = [(name, value) for name, value in given["headers"]]
        # A mapping is what everybody takes; only pairs can say a name twice.
        given["headers"] = dict(pairs) if len(dict(pairs)) == len(pairs) else pairs
    return [], _keywords(function, given)


def native_arguments(
    method: str, function: Callable[..., Any], args: Mapping[str, Any]
) -> Arguments:
    """The arguments of the contract as positional and keyword ones of this function.

    What was left out stays out; names are given only where the function has them in the wide.
    """
    if method in {"createBatch", "batches.create"}:
        return _mapping(function, args["request"]) if "request" in args else ([], {})
    if method.endswith(("Signature",)):
        return _webhook(function, args)
    if "params" in args:
        return _mapping(function, args["params"])
    first = [args[name] for name in ("kind", "job_id", "batch_id") if name in args]
    _, named = _options(function, args)
    return first, named
