"""rest/err: the forms of refusals, their ids, and what they must not give away."""

import re
from collections.abc import Iterator

from conformance.checks import Findings, check
from conformance.json_text import at, contains, same
from conformance.redact import markers_in
from conformance.transcript import Edge
from conformance.verdicts import holds
from conformance.views import Observed, Refusal, Seen

# The newer keys hold hyphens and underscores: a digit tells them from words that are hyphenated.
_PROVIDER_KEY = re.compile(
    r"\bsk-(?:(?:[a-z]+-)?[A-Za-z0-9]{16,}|(?=[A-Za-z_-]*[0-9])[A-Za-z0-9_-]{20,})"
)
_TO_PROVIDER = frozenset({"create", "get", "cancel", "upload", "file", "content"})


def is_flat(refusal: Refusal) -> bool:
    """Whether it is a flat error of a documented route; other 404s may have any body."""
    return refusal.is_flat and refusal.seen.route.documented


def scripted_errors(observed: Observed) -> Iterator[tuple[Edge, Seen]]:
    """The errors that the provider was told to answer, each with the call that met it."""
    by_number = {seen.number: seen for seen in observed.seen}
    for number, edge in observed.transcript.edges("provider_next_error"):
        seen = by_number.get(number + 1)
        status = edge.detail.get("status")
        if seen is None or edge.detail.get("hangup") or not isinstance(status, int):
            continue
        # A create reads its input file first: that failure is the gateway's to word.
        reads_input = "content" in str(edge.detail.get("match")) and seen.operation != "content"
        if status >= 400 and seen.operation in _TO_PROVIDER and not reads_input:
            yield edge, seen


def passed_on(edge: Edge, seen: Seen) -> Findings:
    """The provider's status and its `error` member arrive as they were."""
    status = edge.detail["status"]
    yield holds(
        seen.status == status, seen=seen.status, expected=f"HTTP {status}", step=seen.number
    )
    error = at(edge.detail.get("body"), "/error")
    if error:
        found = at(seen.json, "/error")
        yield holds(
            contains(found, error), seen=found, expected=error, pointer="/error", step=seen.number
        )


@check("REST-ERR-02")
def status_code_is_the_http_status(refusal: Refusal) -> Findings:
    """A flat error repeats its HTTP status."""
    if is_flat(refusal):
        code = at(refusal.value, "/status_code")
        yield holds(
            same(code, refusal.seen.status),
            seen=code,
            expected=refusal.seen.status,
            pointer="/status_code",
        )


@check("REST-ERR-08")
def workspace_is_named_after_authentication_only(observed: Observed) -> Findings:
    """A flat error names the workspace when the key was good, and never with a 401."""
    for refusal in filter(is_flat, observed.refusals):
        named = at(refusal.value, "/workspace_id")
        if refusal.seen.status == 401:
            fine, wanted = not named, "no workspace_id"
        elif _came_after_authentication(refusal):
            fine, wanted = isinstance(named, str) and named != "", "the id of the workspace"
        else:
            continue
        step = refusal.seen.number
        yield holds(fine, seen=named, expected=wanted, pointer="/workspace_id", step=step)


def _came_after_authentication(refusal: Refusal) -> bool:
    """A switched-off API answers 501 before it looks at the key."""
    if refusal.seen.request.credential is None:
        return False
    return refusal.seen.status != 501 or isinstance(at(refusal.value, "/batch_id"), str)


@check("REST-ERR-09")
def flat_errors_are_not_cached(refusal: Refusal) -> Findings:
    """A flat error forbids caches to keep it."""
    if is_flat(refusal):
        header = refusal.seen.response.header("cache-control")
        directives = [part.strip().lower() for part in (header or "").split(",")]
        yield holds(
            "no-store" in directives,
            seen=f"Cache-Control: {header}",
            expected="Cache-Control: no-store",
        )


@check("REST-ERR-11")
def provider_errors_keep_status_and_error(observed: Observed) -> Findings:
    """What the provider answers arrives with its status and its `error`."""
    for edge, seen in scripted_errors(observed):
        yield from passed_on(edge, seen)


@check("REST-ERR-13")
def errors_show_no_key(refusal: Refusal) -> Findings:
    """Neither a caller's key nor a provider's stands in a refusal or its headers."""
    response = refusal.seen.response
    body = response.body.text if response.body else ""
    text = "\n".join([body, *(value for _, value in response.headers)])
    leaked = [name for name in markers_in(text) if name.startswith("key:")]
    leaked += [f"{found[:7]}…" for found in _PROVIDER_KEY.findall(text)]
    yield holds(not leaked, seen=", ".join(leaked), expected="no key in an error answer")


@check("REST-ERR-14")
def each_error_has_its_own_request_id(observed: Observed) -> Findings:
    """The request_id of a refusal is neither another refusal's nor a batch's."""
    shown = [body.get("/request_id") for body in observed.bodies]
    of_batches = {request_id for request_id in shown if isinstance(request_id, str)}
    earlier: set[str] = set()
    for refusal in observed.refusals:
        request_id = at(refusal.value, "/request_id")
        if not isinstance(request_id, str):
            continue
        if earlier or of_batches:
            yield holds(
                request_id not in earlier | of_batches,
                seen=request_id,
                expected="an id that neither another call nor a batch has",
                pointer="/request_id",
                step=refusal.seen.number,
            )
        earlier.add(request_id)
