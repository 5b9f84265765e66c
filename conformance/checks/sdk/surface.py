"""Surface: which methods an SDK has, under which names, and whether they do anything."""

import re
from collections.abc import Iterable, Iterator
from typing import Any

from conformance.addresses import all_decoded
from conformance.checks import Findings, check
from conformance.checks.sdk import _asked, _twins
from conformance.sdk_calls import OPERATIONS, SdkCall
from conformance.sdk_views import all_calls, clients, declared, hello_of
from conformance.verdicts import Finding, broken, holds
from conformance.views import Observed

_SCRIPTS = frozenset({"typescript", "javascript", "ts", "js", "node", "nodejs", "ecmascript"})
_RESOURCE = ("batches.create", "batches.get", "batches.cancel")
_OWNERS = frozenset({"client", "self", "this", "sdk"})
_JOINTS = re.compile(r"\.|->|::|#")


def _part(text: str) -> str:
    """One part of a name without what languages and tastes differ in."""
    folded = re.sub(r"[^a-z0-9]", "", re.sub(r"\(.*\)", "", text).lower())
    return folded.removesuffix("async") or folded


def is_contract_name(native: Any, method: str) -> bool:
    """Whether a native spelling is the contract's name in another casing."""
    wanted = [_part(one) for one in _JOINTS.split(method)]
    found = [_part(one) for one in _JOINTS.split(str(native))]
    if len(found) > len(wanted) and found[0] in _OWNERS:
        found = found[1:]
    return len(found) == len(wanted) and all(
        one in {name, f"get{name}"} for one, name in zip(found, wanted, strict=True)
    )


def is_script(observed: Observed) -> bool:
    """Whether the SDK is one for TypeScript or JavaScript."""
    language = str(hello_of(observed.transcript).get("language", "")).lower()
    return not _SCRIPTS.isdisjoint(re.findall("[a-z]+", language))


def offered(observed: Observed, names: Iterable[str], *, by_name: bool = False) -> Findings:
    """For each name that was called: whether the SDK has it, and calls it so where that counts."""
    methods = declared(hello_of(observed.transcript))
    refusals = [one for one in clients(observed) if one.error is not None and not methods]
    for name in names if refusals else ():
        # Of an SDK that does not even import nothing can be called.
        yield broken(f"no client: {(refusals[0].error or {}).get('message')}", name)
    for name in names:
        made = [one for one in all_calls(observed) if one.call.method == name]
        native = methods.get(name)
        refused = [one for one in made if one.is_unsupported]
        fits = native is not None and (not by_name or is_contract_name(native, name))
        for call in (refused or made)[:1]:
            yield holds(
                fits and not refused,
                seen=f"native {native}" if native is not None and not refused else "no such method",
                expected=name,
                step=call.number,
            )


@check("SDK-SURFACE-01")
def client_has_three_batch_calls(observed: Observed) -> Findings:
    """The client itself creates, reads and cancels batches."""
    yield from offered(observed, ("createBatch", "getBatch", "cancelBatch"))


@check("SDK-SURFACE-02")
def scripts_have_the_resource(observed: Observed) -> Findings:
    """An SDK for TypeScript or JavaScript has `batches` with create, get and cancel."""
    if is_script(observed):
        yield from offered(observed, _RESOURCE, by_name=True)


@check("SDK-SURFACE-13")
def other_languages_have_the_resource(observed: Observed) -> Findings:
    """An SDK for another language has `batches` with create, get and cancel too."""
    if not is_script(observed):
        yield from offered(observed, _RESOURCE, by_name=True)


def _texts(observed: Observed, method: str) -> Iterator[Finding]:
    for call in all_calls(observed):
        if call.call.method == method and call.of("url") and call.error is None:
            yield holds(
                isinstance(call.value, str), seen=call.value, expected="text", step=call.number
            )


@check("SDK-SURFACE-03")
def client_has_the_generic_url_helper(observed: Observed) -> Findings:
    """The client makes a stream URL of a kind, an id and options."""
    yield from offered(observed, ["getAsyncJobWebSocketUrl"])
    yield from _texts(observed, "getAsyncJobWebSocketUrl")


@check("SDK-SURFACE-04")
def there_is_a_url_helper_for_batches(observed: Observed) -> Findings:
    """A helper makes the stream URL of a batch of its id and options."""
    yield from offered(observed, ["batches.websocketUrl"])
    yield from _texts(observed, "batches.websocketUrl")


@check("SDK-SURFACE-05")
def twins_are_one_call(observed: Observed) -> Findings:
    """A direct call and its resource twin send, return and fail alike."""
    for direct, twin in _twins.pairs(observed):
        yield from _twins.differences(direct, twin)


@check("SDK-SURFACE-06")
def methods_bear_the_names_of_the_contract(observed: Observed) -> Findings:
    """The native name is the contract's in the language's own casing."""
    called = {one.call.method: one.number for one in reversed(all_calls(observed))}
    for name, native in declared(hello_of(observed.transcript)).items():
        if name in OPERATIONS and name in called:
            yield holds(
                is_contract_name(native, name), seen=native, expected=name, step=called[name]
            )


@check("SDK-SURFACE-07")
def batches_can_be_listed(observed: Observed) -> Findings:
    """The client and the resource list batches."""
    yield from offered(observed, ("listBatches", "batches.list"))


@check("SDK-SURFACE-08")
def resource_has_the_four_of_openai(observed: Observed) -> Findings:
    """The resource creates, retrieves, cancels and lists."""
    yield from offered(observed, (*_RESOURCE, "batches.list"))


@check("SDK-SURFACE-09")
def no_result_without_a_request(call: SdkCall) -> Findings:
    """A call that returns has sent something."""
    if call.of("create", "get", "cancel", "list") and call.error is None and call.client.origins:
        yield holds(call.sent, seen=call.value, expected="a request, or an error")


@check("SDK-SURFACE-10")
def package_works_on_what_it_admits(observed: Observed) -> Findings:
    """Every start of the adapter on an interpreter that the package admits succeeds."""
    for number, edge in observed.transcript.edges("sdk_start"):
        outcome = edge.detail.get("outcome")
        error = outcome.get("error") if isinstance(outcome, dict) else None
        if edge.detail.get("admitted") is True and isinstance(outcome, dict):
            runtime = edge.detail.get("runtime", "an interpreter")
            said = error.get("message", error) if isinstance(error, dict) else error
            yield holds(
                error is None,
                seen=f"{runtime}: {said}",
                expected=f"{runtime}: a hello and a client",
                step=number,
            )


@check("SDK-SURFACE-11")
def declaration_is_true(call: SdkCall) -> Findings:
    """A declared method is never unsupported, an undeclared one always is."""
    if call.operation and not call.is_adapters:
        is_declared = call.call.method in declared(call.hello)
        yield holds(
            is_declared is not call.is_unsupported,
            seen=f"{'declared' if is_declared else 'not declared'}, and {call.kind or 'a result'}",
            expected="declared and working, or neither",
        )


@check("SDK-SURFACE-12")
def models_can_be_listed(observed: Observed) -> Findings:
    """The client and the resource list the models for batches."""
    yield from offered(observed, ("listBatchModels", "batches.listModels"))
    for call in all_calls(observed):
        main = call.trail.main if call.of("models") else None
        if main is not None and call.has_plain_base:
            is_there = all_decoded(_asked.place_of(main[1]).segments) == call.expected
            yield holds(
                is_there,
                seen=_asked.line_of(main[1]),
                expected=_asked.wanted_line(call),
                step=main[0],
            )
