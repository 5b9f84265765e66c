"""What a transcript shows about money: billing blocks, lifecycle messages, balance readings.

The views of `conformance.views` stay what they are; these look at them once more.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import unquote

from conformance.json_text import ABSENT, NotJson, at, child, parse, plain
from conformance.transcript import Delivery, Edge, Stream, Wallet
from conformance.views import BatchBody, Create, Observed, Seen

# Keys of one workspace by the name under which its balance is read.
_WORKSPACE = {"same": "a"}
_REQUESTS = re.compile(r"/v1/batch(?:es)?/([^/]+)/requests$")
WITHOUT_CREDIT = "BILL-FUNDS-02/"
UNPRICEABLE = "BILL-FUNDS-06/"


@dataclass(frozen=True)
class Message:
    """The `data` of a stream frame or of a webhook delivery, with the bill that REST showed."""

    number: int
    value: dict[str, Any]
    pointer: str
    at_ms: int
    settled: BatchBody | None = None

    def get(self, pointer: str) -> Any:
        """The value at a JSON pointer into the data, ABSENT when there is none."""
        return at(self.value, pointer)


@dataclass(frozen=True)
class Block:
    """One billing block with the status of its batch; `kind` is rest, message or refusal."""

    number: int
    value: dict[str, Any]
    pointer: str
    kind: str
    status: Any = None

    @property
    def plain(self) -> Any:
        """The block with floats, for schema validators."""
        return plain(self.value)


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
    billing = at(value, "/billing")
    return billing if isinstance(billing, dict) else None


def _data(text: str | bytes) -> Any:
    try:
        return at(parse(text if isinstance(text, str) else text.decode("utf-8")), "/data")
    except (NotJson, UnicodeDecodeError):
        return ABSENT


def _raw_messages(observed: Observed) -> Iterator[Message]:
    for number, step in enumerate(observed.transcript.steps, start=1):
        if isinstance(step, Stream):
            for index, frame in enumerate(step.frames):
                data = _data(frame.content) if frame.sender == "server" else ABSENT
                if isinstance(data, dict):
                    yield Message(number, data, f"/frames/{index}/data", frame.at_ms)
        elif isinstance(step, Delivery):
            data = at(step.body.json, "/data")
            if isinstance(data, dict):
                yield Message(number, data, "/data", step.at_ms)


def _is_billed(body: BatchBody) -> bool:
    return body.is_terminal and body.get("/billing/billed") is True


def _bill_shown(message: Message, observed: Observed) -> BatchBody | None:
    """The body that shows the same bill: an earlier one, or any where the message is billed."""
    batch_id = message.value.get("id")
    bodies = observed.histories.get(batch_id, []) if isinstance(batch_id, str) else []
    billed = [body for body in bodies if _is_billed(body)]
    earlier = [body for body in billed if body.seen.exchange.ended_at_ms <= message.at_ms]
    if earlier and (message.pointer != "/data" or message.get("/billing/billed_at")):
        return earlier[-1]
    return billed[0] if billed and message.get("/billing/billed_at") else None


def messages(observed: Observed) -> list[Message]:
    """Every lifecycle message of a batch, in the order of the steps."""
    return [
        Message(one.number, one.value, one.pointer, one.at_ms, _bill_shown(one, observed))
        for one in _raw_messages(observed)
        if isinstance(one.value.get("status"), str) and one.value.get("kind", "batch") == "batch"
    ]


def blocks(observed: Observed) -> list[Block]:
    """Every billing block: of REST bodies, of messages, of refused creates."""
    found = [
        Block(body.seen.number, bill, f"{body.pointer}/billing", "rest", body.status)
        for body in observed.bodies
        if (bill := bill_of(body.value)) is not None
    ]
    found += [
        Block(one.number, bill, f"{one.pointer}/billing", "message", one.get("/status"))
        for one in messages(observed)
        if (bill := bill_of(one.value)) is not None
    ]
    return found + [
        Block(refusal.seen.number, bill, "/billing", "refusal")
        for refusal in observed.refusals
        if refusal.seen.operation == "create" and (bill := bill_of(refusal.value)) is not None
    ]


def members(body: BatchBody, file: str) -> Iterator[tuple[str, Any]]:
    """The parts of a batch object that a schema file speaks of, each with its pointer."""
    if file.startswith("billing."):
        if "billing" in body.value:
            yield "/billing", plain(body.value["billing"])
    elif file.startswith("webhook-state."):
        if body.given("/webhook") is not ABSENT:
            yield "/webhook", plain(body.value["webhook"])
    elif file.startswith("pricing-line."):
        lines = body.get("/pricing_lines")
        for index, line in enumerate(lines if isinstance(lines, list) else ()):
            yield child("/pricing_lines", index), plain(line)
    else:
        yield "", body.plain


def is_without_credit(create: Create) -> bool:
    """Whether the wallet could not cover a create: so labelled, or the refusal says so."""
    label = create.seen.exchange.label or ""
    said = (at(create.seen.json, "/error"), at(create.seen.json, "/error/type"))
    return label.startswith(WITHOUT_CREDIT) or (
        not create.accepted
        and "insufficient_funds" in [one for one in said if isinstance(one, str)]
    )


def is_unpriceable(create: Create) -> bool:
    """Whether the input of a create could not be read or priced: so labelled, or so answered."""
    label = create.seen.exchange.label or ""
    reason = at(create.seen.json, "/reason")
    said = not create.accepted and reason == "batch_reservation_pricing_unavailable"
    return label.startswith(UNPRICEABLE) or said


def is_provider_refusal(seen: Seen, observed: Observed) -> bool:
    """Whether the provider refused a create: its bill says so, or it had been told to refuse."""
    if seen.operation != "create":
        return False
    before = observed.transcript.steps[seen.number - 2] if seen.number > 1 else None
    told = before.detail if isinstance(before, Edge) else {}
    status = told.get("status")
    definitive = isinstance(status, int) and 400 <= status < 500 and status != 429
    armed = isinstance(before, Edge) and before.action == "provider_next_error" and definitive
    reason = at(seen.json, "/billing/reason")
    return reason == "upstream_create_failed" or armed


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
    rows: dict[str, dict[str, Any]] = {}
    for seen in answers:
        data = at(seen.json, "/data")
        for index, row in enumerate(data if isinstance(data, list) else ()):
            if isinstance(row, dict):
                rows.setdefault(str(row.get("custom_id", f"{seen.number}/{index}")), row)
    complete = any(at(seen.json, "/has_more") is not True for seen in answers)
    if not billed:
        return None
    return RequestListing(answers[-1].number, billed[-1], tuple(rows.values()), complete)
