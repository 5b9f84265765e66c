"""Funds: creates that the wallet cannot cover, or whose price nobody knows."""

from typing import Any

from conformance.checks import Findings, check
from conformance.checks.billing._money import are_dollars_of, exact, whole
from conformance.json_text import ABSENT, at
from conformance.money_views import (
    Account,
    accounts,
    is_unpriceable,
    is_without_credit,
)
from conformance.verdicts import holds
from conformance.views import Create, Observed, Refusal

_COSTS = ("cost_nanos", "total_nanos", "cost_usd")
_NAMES = ("/id", "/batch_id", "/native_batch_id", "/error/batch_id", "/error/native_batch_id")


def _refused(create: Create) -> Findings:
    """No 2xx answer, and no batch id in it."""
    ids = [at(create.seen.json, pointer) for pointer in _NAMES]
    named = [one for one in ids if one is not ABSENT and one is not None]
    yield holds(
        not create.seen.response.ok and not named,
        seen=f"HTTP {create.seen.status}, {f'id {named[0]!r}' if named else 'no id'}",
        expected="a refusal without a batch id",
        step=create.seen.number,
    )


def _unmoved(account: Account) -> Findings:
    if account.before is None or account.after is None:
        return
    for key in ("balance_nanos", "reserved_nanos"):
        was, now = getattr(account.before.wallet, key), getattr(account.after.wallet, key)
        yield holds(
            was == now, seen=now, expected=was, pointer=f"/{key}", step=account.after.number
        )


def _unlisted(create: Create, observed: Observed) -> Findings:
    """No batch that the file of the refused create was given to turns up in a list later."""
    key, number = create.seen.request.credential, create.seen.number
    lists = [
        one
        for one in observed.lists
        if one.operation == "list" and one.seen.request.credential == key
    ]
    before = [one for one in lists if one.seen.number < number]
    after = [one for one in lists if one.seen.number > number]
    accepted = [one for one in observed.creates if one.accepted and one is not create]
    if not before or not after or any(one.seen.number < after[0].seen.number for one in accepted):
        return
    known = {str(at(item, "/id")) for item in before[-1].items}
    top = at(after[0].items, "/0/id")
    yield holds(
        top is ABSENT or str(top) in known,
        seen=top,
        expected="no new batch",
        pointer="/data/0/id",
        step=after[0].seen.number,
    )


@check("BILL-FUNDS-01")
def uncovered_create_comes_to_nothing(observed: Observed) -> Findings:
    """What the wallet cannot cover is refused, names no batch, makes none, moves no money."""
    for create in observed.creates:
        if is_without_credit(create):
            yield from _refused(create)
            yield from _unlisted(create, observed)
    for account in accounts(observed):
        if is_without_credit(account.create) and not account.create.accepted:
            yield from _unmoved(account)


def _lacks_balance(answer: Any) -> bool:
    """Whether a refusal names a lack of balance, or nothing: there are other limits to credit."""
    words = (at(answer, "/reservation_status"), at(answer, "/error/reason"))
    told = [word.lower() for word in words if isinstance(word, str)]
    return not told or any("insufficient" in word for word in told)


@check("BILL-FUNDS-05")
def more_is_asked_than_there_is(account: Account) -> Findings:
    """A create refused for lack of balance asked for more than was available."""
    answer = account.create.seen.json
    flat, nested = whole(at(answer, "/required_nanos")), whole(at(answer, "/error/reserved_nanos"))
    asked = nested if flat is None else flat
    if account.before is None or asked is None or not is_without_credit(account.create):
        return
    if not account.create.accepted and _lacks_balance(answer):
        yield holds(
            asked > account.before.available_nanos,
            seen=f"{asked} nanos asked for",
            expected=f"more than the {account.before.available_nanos} available",
            pointer="/error/reserved_nanos" if flat is None else "/required_nanos",
        )


@check("BILL-FUNDS-06")
def unpriceable_create_comes_to_nothing(observed: Observed) -> Findings:
    """What cannot be read or priced is refused, names no batch and leaves no hold."""
    for create in observed.creates:
        if is_unpriceable(create):
            yield from _refused(create)
    for account in accounts(observed):
        if is_unpriceable(account.create) and not account.create.accepted:
            yield from _unmoved(account)


def _is_cost(key: str, cost: Any) -> bool:
    amount = exact(cost) or 0
    return amount > 0 and not (key == "cost_usd" and are_dollars_of(amount, 0))


@check("BILL-FUNDS-07")
def refused_create_is_not_charged(refusal: Refusal) -> Findings:
    """No refused create shows charged true or a cost above zero."""
    if refusal.seen.operation != "create":
        return
    charged = at(refusal.value, "/billing/charged")
    costs = {key: at(refusal.value, f"/billing/{key}") for key in _COSTS}
    yield holds(
        charged is not True and not any(_is_cost(key, cost) for key, cost in costs.items()),
        seen=f"charged {charged}, {', '.join(f'{key} {cost}' for key, cost in costs.items())}",
        expected="no charge for a refused create",
        pointer="/billing",
    )
