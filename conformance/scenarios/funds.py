"""Creates that come to nothing for want of credit, of a readable input or of a price."""

from conformance.money_views import UNPRICEABLE
from conformance.requirements import registry
from conformance.scenarios import scenario
from conformance.scenarios.create import request_of
from conformance.scenarios.playing import play, unknown_id
from conformance.tables import NO_SUCH_MODEL
from conformance.targets.session import Session

_POOR = "no_funds"


async def _reading_if_shown(session: Session) -> None:
    if session.shows_wallet(_POOR):
        await session.wallet(_POOR)


@scenario(
    "BILL-FUNDS-01", "BILL-FUNDS-02", "BILL-FUNDS-03", "BILL-FUNDS-04", "BILL-FUNDS-05",
    "BILL-FUNDS-07", "BILL-RES-07",
    needs=("no-funds", "files"),
    alone=True,
)  # fmt: skip
async def create_without_credit(session: Session) -> None:
    """A create that the wallet cannot cover, between lists and balances of its workspace"""
    file_id = await session.file(key=_POOR)
    await session.list("limit=100", key=_POOR)
    await _reading_if_shown(session)
    await play(session, registry()["BILL-FUNDS-02"], {"file:priced": file_id})
    await _reading_if_shown(session)
    await session.list("limit=100", key=_POOR)


@scenario(
    "BILL-FUNDS-06", "BILL-FUNDS-07", "BILL-RES-07",
    needs=("files", "wallet"),
    alone=True,
)  # fmt: skip
async def creates_that_nobody_can_price(session: Session) -> None:
    """The balance around creates of a file that is not there and of a model that nobody offers"""
    rows = session.rows(1, model=unknown_id(f"{NO_SUCH_MODEL}-"))
    inputs = {"unreadable-input": unknown_id("file-"), "unpriced-model": await session.file(rows)}
    async with session.undisturbed():
        await session.quiet_wallet()
        for name, file_id in inputs.items():
            request = request_of(session, file_id)
            await session.call("POST", "/batches", body=request, label=f"{UNPRICEABLE}{name}")
            await session.quiet_wallet()
