"""The actions of the control API: what an operator, the provider or time could do."""

from collections.abc import Callable
from typing import Any

from conformance.mock.gateway import Gateway
from conformance.mock.lives import BadLife, scripted_life
from conformance.mock.prices import MODELS, BadPrice, price_card, with_prices
from conformance.mock.provider import MATCHES, ScriptedError
from conformance.mock.provider_batch import ProviderBatch
from conformance.mock.webhook_config import ManagedEndpoint
from conformance.mock.workspace import StoredBatch, Workspace, WorkspaceSet

Wanted = dict[str, Any]
Action = Callable[[Gateway, WorkspaceSet, Wanted], dict[str, Any]]

STORE_OPERATIONS = (
    "create",
    "get",
    "refresh",
    "cancel",
    "cancel_lookup",
    "settle",
    "hold",
    "release",
)


class BadAction(ValueError):
    """The control call cannot be carried out; the text says why."""


def _whole_number(wanted: Wanted, name: str, default: int) -> int:
    value = wanted.get(name, default)
    if not isinstance(value, int) or isinstance(value, bool) or value < 0:
        raise BadAction(f"{name} is a whole number from 0, not {value!r}")
    return value


def _flag(wanted: Wanted, name: str) -> bool:
    value = wanted.get(name, True)
    if not isinstance(value, bool):
        raise BadAction(f"{name} is true or false, not {value!r}")
    return value


def _member(home: WorkspaceSet, wanted: Wanted) -> Workspace:
    label = wanted.get("key", "a")
    if label not in home.keys:
        raise BadAction(f"key is one of {', '.join(home.keys)}, not {label!r}")
    return home.workspace(label)


def _provider_batch(home: WorkspaceSet, wanted: Wanted) -> ProviderBatch:
    batch = home.provider.batches.get(str(wanted.get("batch")))
    if batch is None:
        raise BadAction(f"the provider has no batch {wanted.get('batch')!r}")
    return batch


def _stored_batch(home: WorkspaceSet, wanted: Wanted) -> tuple[Workspace, StoredBatch]:
    batch_id = str(wanted.get("batch"))
    owner = home.owner_of(batch_id)
    if owner is None:
        raise BadAction(f"no workspace has a batch {batch_id!r}")
    return owner, owner.batches[batch_id]


def clock_advanced(_gateway: Gateway, home: WorkspaceSet, wanted: Wanted) -> dict[str, Any]:
    """Let time pass."""
    by_ms = _whole_number(wanted, "by_ms", 0)
    home.clock.advance(by_ms)
    home.hub.time_passed()
    return {"by_ms": by_ms, "gateway_now": home.clock.iso()}


def _checked_life(life: Any) -> Any:
    try:
        scripted_life(life, 1, 0)
    except BadLife as error:
        raise BadAction(str(error)) from error
    return life


def life_scripted(_gateway: Gateway, home: WorkspaceSet, wanted: Wanted) -> dict[str, Any]:
    """Give a batch, or all batches to come, another life; `lives` are for the next ones in turn."""
    if "lives" in wanted:
        home.provider.next_lives.extend([_checked_life(one) for one in wanted["lives"]])
        return {"lives": wanted["lives"]}
    life = _checked_life(wanted.get("life"))
    if wanted.get("batch") is None:
        home.provider.next_life = life
    else:
        batch = _provider_batch(home, wanted)
        batch.live(scripted_life(life, *batch.prospects()))
    return {"life": life, "batch": wanted.get("batch")}


def provider_hold(_gateway: Gateway, home: WorkspaceSet, wanted: Wanted) -> dict[str, Any]:
    """Keep reads from moving a batch, or all batches, on."""
    hold = _flag(wanted, "hold")
    if wanted.get("batch") is None:
        home.provider.holds_all = hold
    else:
        _provider_batch(home, wanted).held = hold
    return {"batch": wanted.get("batch"), "hold": hold}


def provider_step(_gateway: Gateway, home: WorkspaceSet, wanted: Wanted) -> dict[str, Any]:
    """Move a batch on at the provider; the gateway does not know of it yet."""
    batch, steps = _provider_batch(home, wanted), _whole_number(wanted, "steps", 1)
    for _ in range(steps):
        home.provider.step(batch.id)
    return {"batch": batch.id, "steps": steps, "status": batch.status}


def provider_next_error(_gateway: Gateway, home: WorkspaceSet, wanted: Wanted) -> dict[str, Any]:
    """Let the next matching call of the provider answer this, or hang up."""
    match = wanted.get("match")
    if match not in MATCHES:
        raise BadAction(f"match is one of {', '.join(MATCHES)}, not {match!r}")
    headers = {str(k).lower(): str(v) for k, v in (wanted.get("headers") or {}).items()}
    status = _whole_number(wanted, "status", 500)
    hangup = bool(wanted.get("hangup"))
    error = ScriptedError(match, status, wanted.get("body"), headers, hangup)
    home.provider.scripted_errors.append(error)
    return {**wanted, "match": match}


def provider_saw(_gateway: Gateway, home: WorkspaceSet, _wanted: Wanted) -> dict[str, Any]:
    """What reached the provider since this was asked last."""
    requests = [request.as_json() for request in home.provider.seen]
    home.provider.seen.clear()
    return {"requests": requests}


def batch_switch(_gateway: Gateway, home: WorkspaceSet, wanted: Wanted) -> dict[str, Any]:
    """Switch the batch API off or on."""
    home.batch_api_on = _flag(wanted, "enabled")
    return {"enabled": home.batch_api_on}


def provider_key_removed(_gateway: Gateway, home: WorkspaceSet, wanted: Wanted) -> dict[str, Any]:
    """Take the gateway's key for the provider away, or give it back."""
    removed = _flag(wanted, "removed")
    home.provider_key_present = not removed
    return {"removed": removed}


def stored_provider_changed(
    _gateway: Gateway, home: WorkspaceSet, wanted: Wanted
) -> dict[str, Any]:
    """Make a stored batch one of another provider."""
    _, batch = _stored_batch(home, wanted)
    batch.provider = str(wanted.get("provider"))
    home.hub.changed(batch.id)
    return {"batch": batch.id, "provider": batch.provider}


def stored_native_id_changed(
    _gateway: Gateway, home: WorkspaceSet, wanted: Wanted
) -> dict[str, Any]:
    """Make a stored batch one that the provider knows under another id."""
    _, batch = _stored_batch(home, wanted)
    batch.native_id = str(wanted.get("native_id"))
    home.hub.changed(batch.id)
    return {"batch": batch.id, "native_id": batch.native_id}


def stored_batch_deleted(_gateway: Gateway, home: WorkspaceSet, wanted: Wanted) -> dict[str, Any]:
    """Let the store lose a batch."""
    owner, batch = _stored_batch(home, wanted)
    owner.lose(batch)
    return {"batch": batch.id}


def database_next_call_fails(
    _gateway: Gateway, home: WorkspaceSet, wanted: Wanted
) -> dict[str, Any]:
    """Let the next call of the store or the wallet for this operation fail."""
    operation = wanted.get("operation")
    if operation not in STORE_OPERATIONS:
        raise BadAction(f"operation is one of {', '.join(STORE_OPERATIONS)}, not {operation!r}")
    _member(home, wanted).failing[operation] += 1
    return {"operation": operation}


def scheduled_job_tick(gateway: Gateway, home: WorkspaceSet, _wanted: Wanted) -> dict[str, Any]:
    """Run the scheduled job once over all workspaces of the set."""
    for workspace in home.workspaces.values():
        gateway.sweep(workspace)
    return {}


def wallet(gateway: Gateway, home: WorkspaceSet, wanted: Wanted) -> dict[str, Any]:
    """The credit of a workspace of the set."""
    return dict(gateway.credit_figures(_member(home, wanted)))


def prices_changed(_gateway: Gateway, home: WorkspaceSet, wanted: Wanted) -> dict[str, Any]:
    """Give a workspace its own prices of a model; the answer is its whole price card."""
    member, name = _member(home, wanted), wanted.get("model")
    if name not in MODELS:
        raise BadAction(f"model is one of {', '.join(MODELS)}, not {name!r}")
    try:
        member.models[name] = with_prices(MODELS[name], wanted.get("prices"))
    except BadPrice as error:
        raise BadAction(str(error)) from error
    return {"model": name, "prices": price_card(member.models.values())}


def stored_hold_fields_removed(
    _gateway: Gateway, home: WorkspaceSet, wanted: Wanted
) -> dict[str, Any]:
    """Let the store lose what it knows of the hold of a batch; the wallet keeps it."""
    _, batch = _stored_batch(home, wanted)
    batch.hold.forget()
    home.hub.changed(batch.id)
    return {"batch": batch.id}


def webhook_endpoint_made(_gateway: Gateway, home: WorkspaceSet, wanted: Wanted) -> dict[str, Any]:
    """Register a managed endpoint for the webhooks of a workspace."""
    url, secret = wanted.get("url"), wanted.get("secret")
    if not isinstance(url, str) or not (isinstance(secret, str) and secret.strip()):
        raise BadAction("url and secret are texts")
    name = f"whe_{home.ids.token(16)}"
    endpoint = ManagedEndpoint(name, url, secret.strip(), _flag(wanted, "active"))
    _member(home, wanted).hook_endpoints[name] = endpoint
    return {"endpoint": name}


def webhook_secret_lost(_gateway: Gateway, home: WorkspaceSet, wanted: Wanted) -> dict[str, Any]:
    """Let the store lose the secret of a managed endpoint, which stays registered."""
    workspace, name = _member(home, wanted), str(wanted.get("endpoint"))
    if name not in workspace.hook_endpoints:
        raise BadAction(f"the workspace has no endpoint {name!r}")
    workspace.hook_endpoints[name].secret = None
    for batch in workspace.batches.values():
        if batch.webhook is not None and batch.webhook.endpoint_id == name:
            batch.webhook.secret = None
    return {"endpoint": name}


def receiver_wait_changed(_gateway: Gateway, home: WorkspaceSet, wanted: Wanted) -> dict[str, Any]:
    """Wait so much real time for the answers of receivers of webhooks from now on."""
    wait_ms = _whole_number(wanted, "wait_ms", 0)
    home.receiver_wait_s = wait_ms / 1000
    return {"wait_ms": wait_ms}


def receivers_given_up(_gateway: Gateway, home: WorkspaceSet, _wanted: Wanted) -> dict[str, Any]:
    """Let the time be over for every receiver of a webhook that is waited for now."""
    return {"attempts": home.patience.end()}


def streams_told(_gateway: Gateway, home: WorkspaceSet, wanted: Wanted) -> dict[str, Any]:
    """How much each open stream has heard and said so far, and when it may say more unasked.

    First so much of real time is taken for passed; the clock stands still.
    """
    passed_ms = _whole_number(wanted, "passed_ms", 0)
    home.hub.pulse()
    for line in home.hub.lines if passed_ms else ():
        line.take_for_passed(passed_ms)
    return {"streams": [line.tally() for line in home.hub.lines]}


ACTIONS: dict[str, Action] = {
    action.__name__: action
    for action in (
        clock_advanced,
        life_scripted,
        provider_hold,
        provider_step,
        provider_next_error,
        provider_saw,
        batch_switch,
        provider_key_removed,
        stored_provider_changed,
        stored_native_id_changed,
        stored_batch_deleted,
        database_next_call_fails,
        scheduled_job_tick,
        prices_changed,
        stored_hold_fields_removed,
        receiver_wait_changed,
        webhook_endpoint_made,
        webhook_secret_lost,
        receivers_given_up,
        streams_told,
        wallet,
    )
}
