"""What receivers are about to answer: shown whole, and kept back where nobody knows the way."""

from typing import Any

import pytest

from conformance.targets.hook_plans import Plans, shown_answer
from conformance.targets.hook_server import Answer


@pytest.mark.parametrize(
    ("answer", "shown"),
    [
        (Answer(204), 204),
        (Answer(drop=True), "drop"),
        (Answer(wait_s=40.0), {"answer": 200, "wait_s": 40.0}),
        (Answer(endless=True), {"answer": 200, "endless": True}),
        (Answer(302, (("Location", "/there"),)), {"answer": 302, "location": "/there"}),
        (Answer(302, (("X", "1"), ("location", "/a"), ("location", "/b"))),
         {"answer": 302, "location": "/a"}),
    ],
)  # fmt: skip
def test_an_answer_is_shown_with_what_is_special_about_it(
    answer: Answer, shown: Any, record: Any
) -> None:
    assert shown_answer(answer, record) == shown


def test_no_secret_stands_in_a_place_to_go_to(record: Any) -> None:
    place = f"/{record.redactor.secrets['key:a']}"
    assert shown_answer(Answer(307, (("location", place),)), record) == {
        "answer": 307, "location": "/{{key:a}}",
    }  # fmt: skip


def test_a_sure_plan_is_on_record_at_once(record: Any) -> None:
    plans = Plans(is_sure=True)
    plans.put(record, "/hook", [Answer(503), Answer(200)])
    (edge,) = record.steps
    assert (edge.action, edge.detail) == (
        "webhook_receiver_plan", {"path": "/hook", "answers": [503, 200]},
    )  # fmt: skip
    assert not plans.kept_back


def test_an_unsure_plan_is_on_record_once_something_has_come(record: Any) -> None:
    plans = Plans(is_sure=False)
    plans.put(record, "/one", [Answer()])
    plans.put(record, "/two", [Answer()])
    before = list(record.steps)
    assert plans.kept_back
    plans.arrived()
    plans.put(record, "/three", [Answer()])
    assert (before, plans.kept_back) == ([], False)
    assert [edge.detail["path"] for edge in record.steps] == ["/one", "/two", "/three"]
