"""The control API below `/_mock`: opening workspaces and bringing about what no caller can."""

import json
from collections.abc import Callable
from typing import Any

from conformance.errors import UnknownFault
from conformance.mock.actions import ACTIONS, BadAction
from conformance.mock.estate import DEFAULT_BALANCE_NANOS, Estate
from conformance.mock.exchange import Answer, Call, json_answer
from conformance.mock.faults import gateway_class
from conformance.mock.gateway import Gateway
from conformance.mock.workspace import WorkspaceSet
from conformance.requirements import DEFAULT_PROFILE, profiles


class Control:
    """Answers control calls; needs no key, for the server listens on this machine alone."""

    def __init__(self, estate: Estate, faults: tuple[str, ...] = ()) -> None:
        self._estate = estate
        self._server_faults = faults

    def answer(self, call: Call) -> Answer:
        """The answer to one control call; `call.path` is below `/_mock`."""
        try:
            return self._routed(call)
        except (BadAction, UnknownFault) as error:
            return json_answer(400, {"error": str(error)})

    def _routed(self, call: Call) -> Answer:
        match call.method, call.segments:
            case "POST", ("workspaces",):
                return self._open(call)
            case "DELETE", ("workspaces", set_id) if self._estate.forget_set(set_id):
                return Answer(204)
            case "POST", ("workspaces", set_id, "actions") if set_id in self._estate.sets:
                return self._act(call, self._estate.sets[set_id])
        return json_answer(404, {"error": "no such workspace or control route"})

    def _open(self, call: Call) -> Answer:
        wanted = _object(call.body)
        balance = wanted.get("balance_nanos", DEFAULT_BALANCE_NANOS)
        faults = wanted.get("faults", [])
        if not isinstance(balance, int) or isinstance(balance, bool) or balance < 0:
            raise BadAction("balance_nanos is a whole number from 0")
        if not isinstance(faults, list) or not all(isinstance(name, str) for name in faults):
            raise BadAction("faults is a list of names")
        names = tuple(dict.fromkeys((*self._server_faults, *faults)))
        profile = wanted.get("profile", DEFAULT_PROFILE)
        if profile not in profiles():
            raise BadAction(f"profile is one of {', '.join(profiles())}, not {profile!r}")
        gateway_class(names, profile)
        home = self._estate.open_set(balance, names, profile)
        origin = call.base.removesuffix("/_mock")
        return json_answer(200, _described(home, f"{origin}/_sets/{home.id}/v1"))

    def _act(self, call: Call, home: WorkspaceSet) -> Answer:
        wanted = _object(call.body)
        name = wanted.pop("action", None)
        if name not in ACTIONS:
            raise BadAction(f"no action is called {name!r}; there are {', '.join(sorted(ACTIONS))}")
        action: Callable[[Gateway, WorkspaceSet, dict[str, Any]], dict[str, Any]] = ACTIONS[name]
        gateway = gateway_class(home.faults, home.profile)(self._estate)
        detail = action(gateway, home, wanted)
        home.hub.pulse()
        return json_answer(200, {"action": name, **detail})


def _described(home: WorkspaceSet, url: str) -> dict[str, Any]:
    return {
        "workspace": home.id,
        "url": url,
        "keys": {name: key.token for name, key in home.keys.items()},
        "bad_keys": dict(home.bad_tokens),
    }


def _object(data: bytes) -> dict[str, Any]:
    try:
        value = json.loads(data or b"{}")
    except ValueError as error:
        raise BadAction("the body is not JSON") from error
    if not isinstance(value, dict):
        raise BadAction("the body is not a JSON object")
    return value
