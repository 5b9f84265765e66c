"""Files: an upload and its downloads, inputs that cannot be run, the results of a batch."""

from typing import Any

from conformance.json_text import at, dump
from conformance.requirements import registry
from conformance.scenarios import scenario
from conformance.scenarios.create import request_of
from conformance.scenarios.playing import play
from conformance.targets.session import Session

_UNUSABLE = tuple(f"REST-VALID-{number}" for number in range(16, 22))


@scenario("REST-FILES-01", "REST-FILES-03", "REST-FILES-04", needs=("files",))
async def file_round_trip(session: Session) -> None:
    """An upload with CRLF, blank lines, other scripts and no last line end, read again"""
    file_id = await session.file(unusual_rows(session))
    await session.metadata(file_id)
    await session.content(file_id)


def unusual_rows(session: Session) -> bytes:
    """Two good rows whose bytes invite repairs: CRLF, blank lines, no line end at the end."""
    first, second = session.row("row-1"), session.row("row-2", user="Zoë 你好")
    return first.rstrip() + b"\r\n\r\n\n" + second.rstrip()


def line(url: str, body: Any) -> bytes:
    """One input row with whatever stands in place of its request."""
    row = {"custom_id": "row-1", "method": "POST", "url": url, "body": body}
    return dump(row).encode() + b"\n"


def unusable_files(session: Session) -> dict[str, bytes]:
    """Inputs that no batch can be made of, by fixture name."""
    endpoint, model = session.work.endpoint, session.work.model
    return {
        "file:blank-lines": b"\n  \n\r\n",
        "file:row-without-body": b'{"custom_id":"row-1"}\n',
        "file:row-with-text-body": line(endpoint, "some text"),
        "file:not-json": session.row("row-1") + b"not json\n",
        "file:row-without-model": line(endpoint, {"input": "Answer with one word."}),
        "file:foreign-url": session.row("row-1", url="/v1/audio/speech"),
        "file:video-without-duration": line("/v1/videos", {"model": model, "prompt": "A house."}),
    }


@scenario(*_UNUSABLE, "REST-ERR-07", needs=("files",))
async def unusable_input_files(session: Session) -> None:
    """A create for each kind of input file that no batch can be made of"""
    fixtures = {
        name: await session.file(content) for name, content in unusable_files(session).items()
    }
    for row_id in _UNUSABLE:
        await play(session, registry()[row_id], fixtures)


@scenario(
    "REST-FILES-07", "REST-FILES-08", "REST-FILES-09", "REST-FILES-10", "REST-FILES-12",
    needs=("create", "files", "terminal"),
    cost="settle",
)  # fmt: skip
async def results_of_a_partial_batch(session: Session) -> None:
    """A batch with one row that no provider accepts, run to its end, its result files read"""
    # A temperature of 9 is out of every provider's range.
    rows = session.rows(2) + session.row("row-3", temperature=9)
    created = await session.create(request_of(session, await session.file(rows)))
    ended = await session.poll_until(session.expect_id(created, "an accepted batch"))
    for member in ("/output_file_id", "/error_file_id"):
        file_id = at(ended.response.json, member) if ended.response else None
        if isinstance(file_id, str):
            await session.metadata(file_id)
            await session.content(file_id)
