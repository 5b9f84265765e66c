"""Results of several calls: ids that are passed on, and calls at the same time."""

from collections.abc import Iterator
from typing import Any

from conformance.addresses import all_decoded
from conformance.checks import Findings, check
from conformance.checks.sdk import _asked, _values
from conformance.json_text import at
from conformance.sdk_calls import SdkCall, SdkUrl
from conformance.sdk_trail import Sent
from conformance.sdk_views import all_calls, calls, sent_by
from conformance.verdicts import Finding, broken, holds
from conformance.views import Observed


def _created(observed: Observed) -> dict[tuple[str, str], str]:
    """By client and id of a create's result: the id that the gateway gave."""
    found = {}
    for call in calls(observed):
        if call.of("create") and call.answer is not None and call.answer.ok:
            got, given = at(call.value, "/id"), at(call.answer.json, "/id")
            if isinstance(got, str) and isinstance(given, str):
                found[call.client.name, got] = given
    return found


def _addressed(call: SdkCall) -> list[str | None] | None:
    """The decoded segments of the path that a call asks for or returns; None without one."""
    if call.of("url"):
        url = SdkUrl(call).url
        return all_decoded(url.segments) if url else None
    main = call.trail.main if call.of("get", "cancel") else None
    return all_decoded(_asked.place_of(main[1]).segments) if main else None


def _argument(call: SdkCall) -> Any:
    return SdkUrl(call).id if call.operation == "url" else call.batch_id


@check("SDK-RESULT-12")
def id_of_a_create_addresses_its_batch(observed: Observed) -> Findings:
    """The id of a create's result leads to that batch in every later call."""
    created = _created(observed)
    for call in calls(observed) if created else ():
        given = created.get((call.client.name, str(_argument(call))))
        segments = _addressed(call)
        is_plain = call.operation == "url" or call.has_plain_base
        if given is not None and segments is not None and is_plain:
            place = -2 if call.operation == "url" else len(call.prefix) + 1
            found = segments[place] if len(segments) > abs(place) else None
            yield holds(found == given, seen=found, expected=given, step=call.number)


def _beside_others(observed: Observed) -> Iterator[SdkCall]:
    alone = {call.number for call in calls(observed)}
    for call in all_calls(observed):
        if call.of("get") and call.number not in alone and isinstance(call.batch_id, str):
            yield call


def _own(call: SdkCall, sent: list[Sent]) -> list[Sent]:
    """What was sent for a call among others: known by its path."""
    during = [one for one in sent if call.call.at_ms <= one[1].at_ms <= call.call.ended_at_ms]
    return [one for one in during if call.is_meant(one[1])]


@check("SDK-RESULT-14")
def calls_at_once_keep_their_results(observed: Observed) -> Findings:
    """A get among others returns what its own request was answered with."""
    for call in _beside_others(observed):
        sent = sent_by(call.client, observed)
        own = _own(call, sent)
        answer = own[0][1].response if len(own) == 1 else None
        if answer is not None and answer.ok and isinstance(answer.json, dict):
            yield _is_own(call, answer.json)
        elif not own and isinstance(call.value, dict) and _is_of_another(call, sent):
            yield broken(call.shown, f"the answer to {_asked.wanted_line(call)}", "", call.number)


def _is_of_another(call: SdkCall, sent: list[Sent]) -> bool:
    """Whether a call that sent nothing returned what another request was answered with."""
    answers = [one.response.json for _, one in sent if one.response and not call.is_meant(one)]
    return any(isinstance(one, dict) and _values.equals(one, call.value) for one in answers)


def _is_own(call: SdkCall, body: dict[str, Any]) -> Finding:
    return holds(
        _values.agrees(_values.without_nulls(body), call.value),
        seen=call.shown,
        expected=body,
        step=call.number,
    )
