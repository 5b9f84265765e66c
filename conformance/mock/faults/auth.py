"""Faults of credentials: where a key is looked for and what a refused one is told."""

from conformance.mock.exchange import Answer, Call
from conformance.mock.faults import fault
from conformance.mock.gateway import Gateway
from conformance.mock.keys import Key
from conformance.mock.workspace import WorkspaceSet


@fault("any-header-carries-the-key", breaks=["REST-AUTH-02"])
class AnyHeaderCarriesTheKey(Gateway):
    """A key is also taken from X-API-Key, from `api_key` in the query and from a Basic header."""

    def bearer_token(self, call: Call) -> str | None:
        basic = call.headers.get("authorization", "").removeprefix("Basic ")
        query = next(iter(call.query_values("api_key")), None)
        return super().bearer_token(call) or call.headers.get("x-api-key") or query or basic or None


@fault("scheme-in-any-case", breaks=["REST-AUTH-03"])
class SchemeInAnyCase(Gateway):
    """The word Bearer may be written in any case."""

    def bearer_token(self, call: Call) -> str | None:
        scheme, _, token = call.headers.get("authorization", "").partition(" ")
        return token if scheme.lower() == "bearer" and token else None


@fault("one-reason-for-every-refused-key", breaks=["REST-AUTH-05"])
class OneReasonForEveryRefusedKey(Gateway):
    """Whatever is wrong with a key, the caller is told that it is not known."""

    def why_key_is_refused(self, token: str | None, key: Key | None) -> str | None:
        reason = super().why_key_is_refused(token, key)
        return "key_not_found_or_revoked" if token and reason else reason


@fault("refused-create-holds-credit", breaks=["REST-AUTH-06"])
class RefusedCreateHoldsCredit(Gateway):
    """A create with a refused key sets credit aside and makes no batch."""

    def before_unauthorised(self, call: Call, home: WorkspaceSet) -> None:
        if call.method == "POST" and call.segments == ("batches",):
            home.workspace("a").wallet.reserve(1_000_000)


@fault("preflight-needs-a-key", breaks=["REST-AUTH-08"])
class PreflightNeedsAKey(Gateway):
    """OPTIONS is answered 401, so that no browser ever gets to send its key."""

    def preflight(self, call: Call) -> Answer:
        return Answer(401)
