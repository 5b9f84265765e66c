"""What receivers are about to answer, as edges: on record once it is sure that they are reached."""

from collections.abc import Sequence
from typing import Any

from conformance.targets.hook_server import Answer
from conformance.targets.wire import Record
from conformance.transcript import Edge


class Plans:
    """The plans of all receivers of a run.

    An edge says that what a gateway sends to a path must be in the transcript. Where nobody can
    try the address (`is_sure` false) the edges are kept back until something has come: without
    them nothing is missed.
    """

    def __init__(self, *, is_sure: bool) -> None:
        self.is_sure = is_sure
        self._waiting: list[tuple[Record, Edge]] = []

    @property
    def kept_back(self) -> bool:
        """Whether there are plans of which nobody has heard."""
        return bool(self._waiting)

    def put(self, record: Record, path: str, answers: Sequence[Answer]) -> None:
        """From now on the receiver at this path gives these answers in turn."""
        shown = [shown_answer(one, record) for one in answers]
        edge = Edge("webhook_receiver_plan", {"path": path, "answers": shown}, record.now_ms())
        self._waiting.append((record, edge))
        if self.is_sure:
            self.arrived()

    def arrived(self) -> None:
        """Something has come: the address leads here."""
        self.is_sure = True
        for record, edge in self._waiting:
            record.steps.append(edge)
        self._waiting.clear()


def shown_answer(answer: Answer, record: Record) -> Any:
    """An answer as a plan shows it: its status, or the word drop, and what is special about it."""
    word: Any = "drop" if answer.drop else answer.status
    places = [value for name, value in answer.headers if name.lower() == "location"]
    special = {
        name: value
        for name, value in (
            ("wait_s", answer.wait_s),
            ("endless", answer.endless),
            ("location", record.redactor.text(places[0]) if places else None),
        )
        if value
    }
    return {"answer": word, **special} if special else word
