"""rest/models: the list of models that batches can use, its filter and its alias."""

from collections.abc import Iterator
from typing import Any

from conformance.checks import Findings, check
from conformance.json_text import ABSENT, at, child, same
from conformance.verdicts import Finding, holds
from conformance.views import Create, ListAnswer, Observed, json_lines

_TWINS = (
    ("supported_params", "supported_parameters"),
    ("supported_params_detail", "supported_parameters_detail"),
)
# The aliases that the contract names, to their canonical names.
_CANONICAL = {"request_endpoint": "endpoint", "window": "completion_window"}


def _models(observed: Observed) -> Iterator[ListAnswer]:
    return (answer for answer in observed.lists if answer.operation == "models")


def _wanted(answer: ListAnswer) -> frozenset[str]:
    """The canonical names of the parameters that an answer was filtered by."""
    values = [value for name, value in answer.seen.request.query if name == "params"]
    words = {word.strip() for value in values for word in value.split(",") if word.strip()}
    return frozenset(_CANONICAL.get(word, word) for word in words)


def _names(answer: ListAnswer) -> list[Any]:
    return [at(item, "/model") for item in answer.items]


@check("REST-MODELS-03")
def both_spellings_of_the_parameters_agree(observed: Observed) -> Findings:
    """supported_parameters is supported_params, on items and on their providers."""
    for answer in _models(observed):
        for index, item in enumerate(answer.items):
            providers = at(item, "/providers")
            number = len(providers) if isinstance(providers, list) else 0
            roots = ["", *(f"/providers/{place}" for place in range(number))]
            for root in roots:
                yield from _twins(at(item, root), f"/data/{index}{root}", answer.seen.number)


def _twins(holder: Any, root: str, number: int) -> Findings:
    for one, other in _TWINS:
        left, right = at(holder, f"/{one}"), at(holder, f"/{other}")
        if left is not ABSENT or right is not ABSENT:
            pointer = child(root, other)
            yield holds(same(left, right), seen=right, expected=left, pointer=pointer, step=number)


@check("REST-MODELS-05")
def params_filter_the_models(observed: Observed) -> Findings:
    """Every listed model takes the wanted parameters, however they are spelt in the query."""
    answers: dict[tuple[object, ...], list[Any]] = {}
    for answer in _models(observed):
        wanted = _wanted(answer)
        if not wanted:
            continue
        step = answer.seen.number
        for index, item in enumerate(answer.items):
            yield _takes_all(item, wanted, f"/data/{index}/supported_params", step)
        names = _names(answer)
        takers = _takers(observed, answer, wanted)
        if takers:
            known = set(takers) <= set(map(str, names))
            expected = f"{', '.join(takers)} among them"
            yield holds(known, seen=names, expected=expected, pointer="/data", step=step)
        first = answers.setdefault((wanted, *_otherwise(answer)), names)
        yield holds(
            same(sorted(map(str, first)), sorted(map(str, names))),
            seen=names,
            expected=first,
            pointer="/data",
            step=step,
        )


def _takers(observed: Observed, answer: ListAnswer, wanted: frozenset[str]) -> list[str]:
    """The models of the unfiltered list that take the wanted parameters, at one provider too."""
    asked = _otherwise(answer)
    whole = [one for one in _models(observed) if not _wanted(one) and _otherwise(one) == asked]
    return [
        str(at(item, "/model"))
        for item in (whole[0].items if whole else ())
        if _takes_all(item, wanted, "", 0).held and _has_a_provider(item, wanted)
    ]


def _has_a_provider(item: Any, wanted: frozenset[str]) -> bool:
    providers = at(item, "/providers")
    listed = providers if isinstance(providers, list) else []
    return any(_takes_all(provider, wanted, "", 0).held for provider in listed)


def _otherwise(answer: ListAnswer) -> tuple[object, ...]:
    """What else an answer depends on: the key and the rest of the query."""
    rest = tuple(pair for pair in answer.seen.request.query if pair[0] != "params")
    return answer.seen.request.credential, rest


def _takes_all(item: Any, wanted: frozenset[str], pointer: str, step: int) -> Finding:
    found = at(item, "/supported_params")
    words = found if isinstance(found, list) else []
    taken = {_CANONICAL.get(word, word) for word in words if isinstance(word, str)}
    expected = f"a model that takes {', '.join(sorted(wanted))}"
    return holds(wanted <= taken, seen=found, expected=expected, pointer=pointer, step=step)


@check("REST-MODELS-06")
def listed_models_can_be_priced(observed: Observed) -> Findings:
    """A create whose rows use listed models is not refused for want of a price."""
    for create in observed.creates:
        models = _models_of(create, observed)
        listed = _listed_for(at(create.sent, "/endpoint"), observed)
        unpriced = at(create.seen.json, "/reason") == "batch_reservation_pricing_unavailable"
        if models and models <= listed and (create.accepted or unpriced):
            yield holds(
                not unpriced,
                seen="batch_reservation_pricing_unavailable",
                expected=f"a price for the listed {', '.join(sorted(models))}",
                pointer="/reason",
                step=create.seen.number,
            )


def _listed_for(endpoint: Any, observed: Observed) -> set[str]:
    """The models that a list shows, without those that it shows for other endpoints only."""
    names = set()
    for item in (item for answer in _models(observed) for item in answer.items):
        values = at(item, "/supported_params_detail/endpoint/values")
        if not isinstance(values, list) or endpoint in values:
            names.add(str(at(item, "/model")))
    return names


def _models_of(create: Create, observed: Observed) -> set[str]:
    """The models of all rows of a create, empty when they are not all known."""
    file_id, fallback = at(create.sent, "/input_file_id"), at(create.sent, "/model")
    view = observed.files.get(file_id) if isinstance(file_id, str) else None
    uploaded = view.uploaded if view else None
    named = [at(row, "/body/model") or fallback for row in json_lines(uploaded or b"")]
    return {str(name) for name in named} if all(isinstance(n, str) for n in named) else set()


@check("REST-MODELS-07")
def alias_lists_the_same_models(observed: Observed) -> Findings:
    """GET /batch/models and GET /batches/models answer the same body."""
    earlier: list[ListAnswer] = []
    for answer in _models(observed):
        for other in earlier:
            if _are_twins(other, answer):
                yield holds(
                    same(other.value, answer.value),
                    seen=answer.value,
                    expected=other.value,
                    step=answer.seen.number,
                )
        earlier.append(answer)


def _are_twins(one: ListAnswer, other: ListAnswer) -> bool:
    """Whether two answers differ only in the path by which they were asked for."""
    left, right = one.seen.request, other.seen.request
    return (
        one.seen.route.prefix != other.seen.route.prefix
        and left.query == right.query
        and left.credential == right.credential
    )
