"""Table rows: the request that a case stands for, whether an exchange is one, what it must answer.

Fixtures in braces stand for what a run fills in. `{any-file}` and `{unknown-batch}` stand for any
file id and for an id that nobody made; `{file:NAME}`, `{batch:NAME}` and `{endpoint:NAME}` for
what a scenario prepared, so cases with them are recognised by the label of the exchange alone. A
key may be a fixture too.
"""

from bisect import bisect_left
from collections.abc import Iterator, Mapping
from functools import lru_cache
from operator import itemgetter
from typing import Any

from conformance.json_text import ABSENT, at, same
from conformance.requirements import Case, Requirement
from conformance.routes import BASE
from conformance.transcript import Edge, Request
from conformance.verdicts import HELD, Finding, holds
from conformance.views import Observed, Seen

# Labels with which a driver vouches for what no check can know: model, price and file are good.
VALID = "REST-CREATE-01/valid"
FREE_ROWS = "REST-CREATE-08/free-rows"
# What the names of models begin with that nobody offers.
NO_SUCH_MODEL = "no-such-model"

# The edge that names a batch which was there before the run.
EARLIER = "batch_of_earlier_times"

NEUTRAL = frozenset({"completion_window", "metadata", "session_id"})
_ARMED = frozenset({"provider_next_error", "database_next_call_fails"})


def label_of(row: Requirement, case: Case) -> str:
    """The label that the driver gives to the exchange of a case."""
    return f"{row.id}/{case.name}"


def fill(template: Any, fixtures: Mapping[str, str]) -> Any:
    """`template` with every `{name}` of the fixtures replaced, in all texts and keys of it."""
    if isinstance(template, str):
        for name, value in fixtures.items():
            template = template.replace(f"{{{name}}}", value)
        return template
    if isinstance(template, list):
        return [fill(item, fixtures) for item in template]
    if isinstance(template, Mapping):
        return {fill(key, fixtures): fill(member, fixtures) for key, member in template.items()}
    return template


def _text_fits(template: str, text: str) -> bool:
    before, opened, rest = template.partition("{")
    name, closed, after = rest.partition("}")
    if not (opened and closed) or name == "key" or name.startswith("key:"):
        return template.replace("{key}", "{{key:a}}") == text
    inner = text[len(before) : len(text) - len(after)]
    return text.startswith(before) and text.endswith(after) and inner != "" and "/" not in inner


def _fits(template: Any, value: Any) -> bool:
    if isinstance(template, str) and isinstance(value, str):
        return _text_fits(template, value)
    return same(template, value)


def _is_neutral(name: str, value: Any) -> bool:
    if name == "completion_window":
        return bool(value == "24h")
    if name == "session_id":
        return isinstance(value, str) and len(value) <= 256
    return isinstance(value, dict) and all(isinstance(text, str) for text in value.values())


def _body_fits(case: Case, request: Request) -> bool:
    if "raw" in case.request:
        return request.body is not None and request.body.text == case.request["raw"]
    template = case.request.get("body")
    if template is None:
        return request.body is None or not request.body.content
    if not isinstance(template, Mapping):
        return _fits(template, request.json)
    sent = request.json
    if not isinstance(sent, dict) or any(name in sent for name in case.request.get("absent", ())):
        return False
    if not all(_fits(member, sent.get(name, ABSENT)) for name, member in template.items()):
        return False
    extra = sent.keys() - template.keys()
    return all(name in NEUTRAL and _is_neutral(name, sent[name]) for name in extra)


# Every case of every row asks this of every request, of which few have paths of their own.
@lru_cache(maxsize=8192)
def _path_fits(template: str, path: str) -> bool:
    _, found, below = path.partition(BASE)
    if not found:
        return False
    if below == "/batch" or below.startswith("/batch/"):
        below = "/batches" + below.removeprefix("/batch")
    return _text_fits(template, below)


def _credential_fits(case: Case, request: Request) -> bool:
    wanted = case.request.get("credential", "key")
    if wanted != "none" and request.credential != ("a" if wanted == "key" else wanted):
        return False
    headers = {name.lower(): value for name, value in case.request.get("headers", {}).items()}
    # Names of protocols have no case, and a case without an upgrade is a plain call.
    if headers.pop("upgrade", "").lower() != (request.header("upgrade") or "").lower():
        return False
    if not all(_text_fits(value, request.header(name) or "") for name, value in headers.items()):
        return False
    given = "authorization" in headers
    return wanted != "none" or given or request.header("authorization") is None


def request_fits(case: Case, request: Request) -> bool:
    """Whether a request is the one that the case describes, fixtures standing for anything."""
    described = case.request
    return (
        described["method"] == request.method
        and _path_fits(described["path"], request.path)
        and case.query == request.query
        and _credential_fits(case, request)
        and _body_fits(case, request)
    )


def _last(observed: Observed, action: str, before: int) -> Edge | None:
    edges = observed.transcript.edges(action)
    index = bisect_left(edges, before, key=itemgetter(0))
    return edges[index - 1][1] if index else None


def special_states(seen: Seen, observed: Observed) -> set[str]:
    """The states outside the ordinary that the run had brought about when the call was made."""
    states = set()
    switch = _last(observed, "batch_switch", seen.number)
    if switch and switch.detail.get("enabled") is False:
        states.add("switched-off")
    elif at(seen.json, "/reason") == "batch_api_temporarily_disabled":
        states.add("found-switched-off")
    removed = _last(observed, "provider_key_removed", seen.number)
    if removed and removed.detail.get("removed") is True:
        states.add("no-provider-key")
    changed = _last(observed, "stored_provider_changed", seen.number)
    if changed and seen.route.id is not None and changed.detail.get("batch") == seen.route.id:
        states.add("other-provider")
    before = observed.transcript.steps[seen.number - 2] if seen.number > 1 else None
    if isinstance(before, Edge) and before.action in _ARMED:
        states.add("armed-failure")
    return states


def _given_holds(case: Case, seen: Seen, observed: Observed) -> bool:
    given = case.request.get("given")
    states = special_states(seen, observed)
    if given is None:
        return not states
    if states:
        return given in states
    return observed.status_before(seen.number, seen.route.id) in str(given).split("|")


def is_case(row: Requirement, case: Case, seen: Seen, observed: Observed) -> bool:
    """Whether the exchange is this case: by its label, or by request and circumstances."""
    if seen.exchange.label == label_of(row, case):
        return True
    if case.is_prepared:
        return False
    if not request_fits(case, seen.request):
        return False
    if "{unknown-batch}" in case.request["path"] and _is_known(seen, observed):
        return False
    return _given_holds(case, seen, observed)


def _is_known(seen: Seen, observed: Observed) -> bool:
    """Whether the path names a batch that the run has seen or was told of, or no batch at all."""
    told = [edge.detail.get("batch") for _, edge in observed.transcript.edges(EARLIER)]
    return seen.route.id is None or seen.route.id in observed.histories or seen.route.id in told


def status_fits(expected: Any, status: int) -> bool:
    """Whether a status is the expected one: a number, a class such as 4xx, or one of a list."""
    if isinstance(expected, list):
        return any(status_fits(one, status) for one in expected)
    if isinstance(expected, str):
        return expected == f"{status // 100}xx"
    return bool(expected == status)


def findings_of(case: Case, seen: Seen) -> Iterator[Finding]:
    """What the case expects of the answer: one finding that holds, or the breaches."""
    broken = [finding for finding in _expectations(case.expect, seen) if not finding.held]
    yield from broken or [HELD]


def _expectations(expect: Mapping[str, Any], seen: Seen) -> Iterator[Finding]:
    if "status" in expect:
        wanted = expect["status"]
        yield holds(
            status_fits(wanted, seen.status),
            seen=f"HTTP {seen.status} {at(seen.json, '/reason') or ''}".rstrip(),
            expected="HTTP "
            + " or ".join(map(str, wanted if isinstance(wanted, list) else [wanted])),
        )
    for pointer, value in expect.get("body", {}).items():
        found = at(seen.json, pointer)
        yield holds(same(found, value), seen=found, expected=value, pointer=pointer)
    for pointer, values in expect.get("not_body", {}).items():
        found = at(seen.json, pointer)
        unwanted = any(same(found, value) for value in values)
        yield holds(not unwanted, seen=found, expected=f"anything but {values}", pointer=pointer)
    for pointer in expect.get("has", ()):
        found = at(seen.json, pointer)
        yield holds(found is not ABSENT, seen=found, expected="a value", pointer=pointer)
    for pointer in expect.get("absent", ()):
        found = at(seen.json, pointer)
        yield holds(found is ABSENT, seen=found, expected="no such member", pointer=pointer)
    for name, value in expect.get("headers", {}).items():
        found = seen.response.header(name)
        yield holds(found == value, seen=f"{name}: {found}", expected=f"{name}: {value}")
