"""Keys that are refused, what they must not bring about, and calls from a browser."""

from conformance.scenarios import scenario
from conformance.scenarios.create import request_of
from conformance.scenarios.playing import unknown_id
from conformance.targets.session import Session

_ORIGIN = (("origin", "https://console.example"),)


@scenario("REST-AUTH-05", "REST-AUTH-07", "REST-ERR-08", "REST-ERR-13", needs=("bad-key",))
async def refused_keys(session: Session) -> None:
    """One call with a key that is unknown, revoked, expired and wrong"""
    for key in ("unknown", "revoked", "expired", "wrong-secret"):
        await session.call("GET", "/batches", key=key)


@scenario("REST-AUTH-06", needs=("files",), alone=True)
async def create_without_a_good_key(session: Session) -> None:
    """A create that would be fine but for its key, between two looks at list and wallet"""
    request = request_of(session, await session.file())
    await session.list("limit=100")
    if session.read_wallet is not None:
        await session.wallet()
    key = "wrong-secret" if "wrong-secret" in session.keys else None
    await session.call("POST", "/batches", key=key, body=request)
    if session.read_wallet is not None:
        await session.wallet()
    await session.list("limit=100")


@scenario("REST-AUTH-08")
async def calls_from_another_origin(session: Session) -> None:
    """Preflights and a call without a key, as a browser would send them"""
    asks = (*_ORIGIN, ("access-control-request-method", "POST"))
    batch = f"/batches/{unknown_id('batch_')}"
    for path in ("/batches", batch, f"{batch}/cancel", "/files"):
        await session.call("OPTIONS", path, key=None, headers=asks)
    await session.call("GET", "/batches", key=None, headers=_ORIGIN)
