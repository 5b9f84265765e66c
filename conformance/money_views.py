"""What a transcript shows about money: billing blocks, lifecycle messages, balance readings.

The views of `conformance.views` stay what they are; these look at them once more.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import unquote

from conformance import event_views
from conformance.event_views import Message
from conformance.json_text import ABSENT, at, child
from conformance.transcript import Edge, Wallet
from conformance.views import BatchBody, Create, Observed, Seen, error_words, made_once

# Keys of one workspace by the name under which its balance is read.
_WORKSPACE = {"same": "a"}
_REQUESTS = re.compile(r"/v1/batch(?:es)?/([^/]+)/requests$")
WITHOUT_CREDIT = "BILL-FUNDS-02/"
UNPRICEABLE = "BILL-FUNDS-06/"


@dataclass(frozen=True)
class Block:
    """One billing block with the status of its batch; `kind` is rest, message or refusal."""

    number: int
    value: dict[str, Any]
    pointer: str
    kind: str
    status: Any = None
    # The block with floats, for schema validators.
    plain: Any = None


@dataclass(frozen=True)
class Reading:
    """A balance reading with its step number."""

    number: int
    wallet: Wallet

    @property
    def available_nanos(self) -> int:
        """What can be spent: as stated, else the balance less what is reserved."""
        stated = self.wallet.available_nanos
        if stated is not None:
            return stated
        return self.wallet.balance_nanos - self.wallet.reserved_nanos


@dataclass(frozen=True)
class Account:
    """A create with the balance readings around it, as far as no other batch disturbs them."""

    observed: Observed
    create: Create
    before: Reading | None
    # The first reading after the create with no other call on batches in between.
    after: Reading | None
    bodies: tuple[BatchBody, ...] = ()
    readings: tuple[Reading, ...] = field(default=())

    @property
    def number(self) -> int:
        """The step of the create."""
        return self.create.seen.number

    @property
    def lost_its_hold(self) -> bool:
        """Whether an operator removed what the gateway had stored of the hold."""
        removed = self.observed.transcript.edges("stored_hold_fields_removed")
        return any(edge.detail.get("batch") == self.create.batch_id for _, edge in removed)


def bill_of(value: Any) -> dict[str, Any] | None:
    """The member `billing` of a value when it is an object."""
    billing = value.get("billing") if isinstance(value, dict) else None
    return billing if isinstance(billing, dict) else None


def _is_billed(body: BatchBody) -> bool:
    return body.is_terminal and body.get("/billing/billed") is True


@made_once
def messages(observed: Observed) -> list[Message]:
    """The lifecycle messages that name the status of their batch, in the order of the steps."""
    return [one for one in event_views.messages(observed) if one.status is not None]


def _block(view: Any, number: int, pointer: str, kind: str, status: Any = None) -> Iterator[Block]:
    bill = bill_of(view.value)
    if bill is not None:
        place = f"{pointer}/billing"
        yield Block(number, bill, place, kind, status, view.plain["billing"])


@made_once
def blocks(observed: Observed) -> list[Block]:
    """Every billing block: of REST bodies, of messages, of refused creates."""
    found: list[Block] = []
    for body in observed.bodies:
        found += _block(body, body.seen.number, body.pointer, "rest", body.status)
    for one in messages(observed):
        found += _block(one, one.number, one.pointer, "message", one.get("/status"))
    for refusal in observed.refusals:
        if refusal.seen.operation == "create":
            found += _block(refusal, refusal.seen.number, "", "refusal")
    return found


def members(body: BatchBody, file: str) -> Iterator[tuple[str, Any]]:
    """The parts of a batch object that a schema file speaks of, each with its pointer."""
    if file.startswith("billing."):
        if "billing" in body.value:
            yield "/billing", body.plain["billing"]
    elif file.startswith("webhook-state."):
        if body.given("/webhook") is not ABSENT:
            yield "/webhook", body.plain["webhook"]
    elif file.startswith("pricing-line."):
        lines = body.plain.get("pricing_lines")
        for index, line in enumerate(lines if isinstance(lines, list) else ()):
            yield child("/pricing_lines", index), line
    else:
        yield "", body.plain


def is_without_credit(create: Create) -> bool:
    """Whether the wallet could not cover a create: so labelled, or the refusal says so."""
    label = create.seen.exchange.label or ""
    said = not create.accepted and "insufficient_funds" in error_words(create.seen)
    return label.startswith(WITHOUT_CREDIT) or said


def is_unpriceable(create: Create) -> bool:
    """Whether the input of a create could not be read or priced: so labelled, or so answered."""
    label = create.seen.exchange.label or ""
    reason = at(create.seen.json, "/reason")
    said = not create.accepted and reason == "batch_reservation_pricing_unavailable"
    return label.startswith(UNPRICEABLE) or said


def is_provider_refusal(seen: Seen, observed: Observed) -> bool:
    """Whether the provider refused a create: its bill says so, or it had been told to refuse."""
    reason = at(seen.json, "/billing/reason")
    said = seen.operation == "create" and reason == "upstream_create_failed"
    return said or was_told_to_refuse(seen, observed)


def was_told_to_refuse(seen: Seen, observed: Observed) -> bool:
    """Whether the provider had been told, just before a create, to refuse it for good."""
    before = observed.transcript.steps[seen.number - 2] if seen.number > 1 else None
    if seen.operation != "create" or not isinstance(before, Edge):
        return False
    status = before.detail.get("status")
    definitive = isinstance(status, int) and 400 <= status < 500 and status != 429
    meant = before.detail.get("match", "create") == "create"
    return before.action == "provider_next_error" and definitive and meant


def workspace_of(create: Create) -> str | None:
    """The name under which the balance of the create's key is read."""
    key = create.seen.request.credential
    return _WORKSPACE.get(key, key) if key else None


class _Ledger:
    """Who made which batch when, and which readings there are."""

    def __init__(self, observed: Observed) -> None:
        self.observed = observed
        self.readings: dict[str, list[Reading]] = {}
        for number, wallet in observed.transcript.of(Wallet):
            name = _WORKSPACE.get(wallet.workspace, wallet.workspace)
            self.readings.setdefault(name, []).append(Reading(number, wallet))
        self.accepted = [create for create in observed.creates if create.accepted]

    def account(self, create: Create) -> Account:
        name = workspace_of(create)
        number = create.seen.number
        readings = self.readings.get(name or "", [])
        earlier = [one for one in readings if one.number < number]
        before = earlier[-1] if earlier else None
        later = [
            one
            for one in readings
            if one.number > number
            and not self._disturbed(create, name, before.number if before else number, one.number)
        ]
        quiet = [one for one in later if not self._calls(number, one.number)]
        if before and self._calls(before.number, number):
            quiet = []
        bodies = self.observed.histories.get(create.batch_id or "", [])
        return Account(
            self.observed, create, before, quiet[0] if quiet else None, tuple(bodies), tuple(later)
        )

    def _calls(self, after: int, before: int) -> bool:
        """Whether there was a call on batches between two steps."""
        moving = {"create", "get", "cancel", "list"}
        return any(
            after < seen.number < before and seen.operation in moving for seen in self.observed.seen
        )

    def _disturbed(self, create: Create, name: str | None, start: int, end: int) -> bool:
        """Whether another batch of the workspace may have moved money between two steps."""
        return any(
            other is not create
            and workspace_of(other) == name
            and other.seen.number < end
            and not self._was_billed(other, start)
            for other in self.accepted
        )

    def _was_billed(self, create: Create, number: int) -> bool:
        bodies = self.observed.histories.get(create.batch_id or "", [])
        return any(body.seen.number < number and _is_billed(body) for body in bodies)


@made_once
def accounts(observed: Observed) -> list[Account]:
    """Every create whose workspace has a balance reading."""
    ledger = _Ledger(observed)
    found = [ledger.account(create) for create in observed.creates]
    return [one for one in found if one.before or one.readings]


@dataclass(frozen=True)
class RequestListing:
    """The per-request listing of a settled batch; `complete` when its last page was read."""

    number: int
    body: BatchBody
    rows: tuple[dict[str, Any], ...]
    complete: bool


@made_once
def request_listings(observed: Observed) -> list[RequestListing]:
    """One listing for each batch whose requests were listed after it was billed."""
    pages: dict[str, list[Seen]] = {}
    for seen in observed.seen:
        found = _REQUESTS.search(seen.request.path)
        if found and seen.request.method == "GET" and seen.response.ok:
            pages.setdefault(unquote(found[1]), []).append(seen)
    return [
        listing
        for batch_id, answers in pages.items()
        if (listing := _listing(answers, observed.histories.get(batch_id, []))) is not None
    ]


def _listing(answers: list[Seen], bodies: list[BatchBody]) -> RequestListing | None:
    billed = [one for one in bodies if _is_billed(one) and one.seen.number < answers[0].number]
    rows: list[dict[str, Any]] = []
    known: set[str] = set()
    for seen in answers:
        data = at(seen.json, "/data")
        fresh = [
            row
            for row in (data if isinstance(data, list) else ())
            if isinstance(row, dict) and str(row.get("custom_id", ABSENT)) not in known
        ]
        rows += fresh
        # A page may be read twice; what stands twice on one page counts twice.
        known |= {str(row["custom_id"]) for row in fresh if "custom_id" in row}
    complete = any(at(seen.json, "/has_more") is not True for seen in answers)
    if not billed:
        return None
    return RequestListing(answers[-1].number, billed[-1], tuple(rows), complete)
