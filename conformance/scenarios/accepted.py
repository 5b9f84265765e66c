"""Create requests that are in order although they look odd, and ids of errors beside batches."""

from conformance.requirements import registry
from conformance.scenarios import scenario
from conformance.scenarios.create import request_of
from conformance.scenarios.files import line, unusual_rows
from conformance.scenarios.playing import play, unknown_id
from conformance.targets.session import Session

_SENTENCE = "Answer with one word."


@scenario(
    "REST-VALID-05", "REST-VALID-19", "REST-FILES-02", "REST-FILES-13",
    needs=("create", "files"),
    cost="create",
    batches=4,
)  # fmt: skip
async def creates_in_order(session: Session) -> None:
    """Both documented endpoints, an input full of blank lines, a model named by the request"""
    model = session.work.model
    question = {"messages": [{"role": "user", "content": _SENTENCE}], "max_tokens": 16}
    request = {"input": _SENTENCE, "max_output_tokens": 16}
    inputs = {
        "file:responses-rows": line("/v1/responses", {"model": model, **request}),
        "file:chat-rows": line("/v1/chat/completions", {"model": model, **question}),
        "file:rows-of-the-request-model": line("/v1/responses", request),
    }
    fixtures = {name: await session.file(content) for name, content in inputs.items()}
    for row_id in ("REST-VALID-05", "REST-VALID-19"):
        await play(session, registry()[row_id], fixtures)
    await session.create(request_of(session, await session.file(unusual_rows(session))))


@scenario("REST-VALID-23", "REST-ERR-14", needs=("create", "files"), cost="create")
async def creates_for_the_provider_to_judge(session: Session) -> None:
    """An odd window, too much metadata, and a good batch beside calls for unknown ones"""
    file_id = await session.file()
    many = {f"key-{number}": "value" for number in range(17)}
    await session.create(request_of(session, file_id, completion_window="7d"))
    await session.create(request_of(session, file_id, metadata=many))
    await session.create(request_of(session, file_id))
    await session.get(unknown_id("batch_"))
    await session.cancel(unknown_id("batch_"))
