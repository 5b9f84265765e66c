"""Who calls, and how refusals are worded: the ground that all operations stand on."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from conformance.mock import refusals
from conformance.mock.estate import Estate
from conformance.mock.exchange import Answer, Call, json_answer
from conformance.mock.keys import Key, kid_of
from conformance.mock.refusals import Flat, Nested, PassedOn, Refusal, Refused
from conformance.mock.workspace import Workspace, WorkspaceSet

CORS = {
    "access-control-allow-origin": "*",
    "access-control-allow-methods": "GET, POST, PUT, PATCH, DELETE, OPTIONS",
    "access-control-allow-headers": "Authorization, Content-Type",
    "access-control-max-age": "86400",
}

_WORDS_OF_401 = {
    "missing_or_invalid_authorization_header": "Send the API key as a bearer token.",
    "invalid_key_format": "The API key is not of the form aistats_v1_sk_<kid>_<secret>.",
    "key_not_found_or_revoked": "The API key is not known or was revoked.",
    "key_expired": "The API key has expired.",
    "invalid_secret": "The secret of the API key is wrong.",
}


@dataclass(slots=True)
class Visit:
    """One authenticated call: who calls, what, and the id that this call goes by."""

    call: Call
    workspace: Workspace
    request_id: str


class GatewayBase:
    """Credentials, request ids, headers and the forms of errors."""

    def __init__(self, estate: Estate) -> None:
        self.estate = estate

    def cors_headers(self, _call: Call) -> dict[str, str]:
        """The headers that let browsers of any origin read an answer."""
        return dict(CORS)

    def preflight(self, _call: Call) -> Answer:
        """The answer to OPTIONS on any path."""
        return Answer(204)

    def batch_api_is_on(self, home: WorkspaceSet) -> bool:
        """Whether batch routes are served at all."""
        return home.batch_api_on

    def answer_switched_off(self, _call: Call, home: WorkspaceSet) -> Answer:
        """What batch routes answer, before authentication, while the API is off."""
        text = "Batch endpoints are temporarily disabled."
        refusal = Flat(
            501, "not_implemented_yet", "batch_api_temporarily_disabled", text, {"message": text}
        )
        body = self.flat_body(refusal, self.new_request_id(home), None)
        return json_answer(501, body, refusals.NO_STORE)

    def new_request_id(self, home: WorkspaceSet) -> str:
        """A fresh id for one call."""
        return home.ids.request_id(home.clock.now_ms)

    def bearer_token(self, call: Call) -> str | None:
        """The credential of the call, None when there is none of the accepted kind."""
        scheme, _, token = call.headers.get("authorization", "").partition(" ")
        return token if scheme == "Bearer" and token else None

    def why_key_is_refused(self, token: str | None, key: Key | None) -> str | None:
        """The reason word of a 401, None for a good key."""
        if token is None:
            return "missing_or_invalid_authorization_header"
        if kid_of(token) is None:
            return "invalid_key_format"
        if key is None or key.state == "revoked":
            return "key_not_found_or_revoked"
        if key.state == "expired":
            return "key_expired"
        return None if token == key.token else "invalid_secret"

    def admit(self, call: Call, home: WorkspaceSet) -> Visit:
        """The visit of a caller with a good key; raises the refusal 401 for all others."""
        token = self.bearer_token(call)
        key = self.estate.keys.of_token(token) if token else None
        reason = self.why_key_is_refused(token, key)
        workspace = self.estate.workspace(key.workspace_id) if key else None
        if reason or workspace is None:
            self.before_unauthorised(call, home)
            word = reason or "key_not_found_or_revoked"
            raise Refused(Flat(401, "unauthorised", word, _WORDS_OF_401[word]))
        return Visit(call, workspace, self.new_request_id(workspace.home))

    def before_unauthorised(self, call: Call, home: WorkspaceSet) -> None:
        """A call is about to be refused with 401; `home` is whom it may have meant."""

    def workspace_id_in_errors(self, visit: Visit | None) -> str | None:
        """The workspace that a flat error names: the caller's, none before authentication."""
        return visit.workspace.id if visit else None

    def refusal_request_id(self, visit: Visit | None, home: WorkspaceSet) -> str:
        """The id that a refusal goes by."""
        return visit.request_id if visit else self.new_request_id(home)

    def flat_body(self, refusal: Flat, request_id: str, workspace_id: str | None) -> dict[str, Any]:
        """The body of a flat error."""
        return refusals.flat_body(refusal, request_id, workspace_id)

    def flat_headers(self) -> Mapping[str, str]:
        """The headers of a flat error."""
        return refusals.NO_STORE

    def passed_on_answer(self, refusal: PassedOn, _visit: Visit | None) -> Answer:
        """An error of the provider as the caller gets it."""
        return refusals.passed_on_answer(refusal)

    def answer_refusal(self, refusal: Refusal, visit: Visit | None, home: WorkspaceSet) -> Answer:
        """The answer that a refusal becomes."""
        if isinstance(refusal, PassedOn):
            return self.passed_on_answer(refusal, visit)
        if isinstance(refusal, Nested):
            return refusals.nested_answer(refusal)
        request_id = self.refusal_request_id(visit, home)
        body = self.flat_body(refusal, request_id, self.workspace_id_in_errors(visit))
        return json_answer(refusal.status, body, self.flat_headers())

    def refuse_without_provider_key(self, visit: Visit) -> None:
        """Raise the nested 502 when the gateway has no key for the provider."""
        if not visit.workspace.home.provider_key_present:
            text = "The gateway has no key for this provider."
            error = {"type": "upstream_error", "reason": "openai_key_missing", "message": text}
            raise Refused(Nested(502, error))
