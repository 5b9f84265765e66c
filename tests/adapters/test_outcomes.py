"""What came of a call, in the words of a transcript."""

from collections.abc import Mapping
from decimal import Decimal
from typing import Any

import pytest

from conformance.adapters import Result, SdkError, Unsupported
from conformance.adapters.outcomes import (
    broken,
    checked_error,
    error_outcome,
    is_broken,
    named,
    perform,
    value_outcome,
)


class Adapter:
    """Does to its arguments what it is told to."""

    def __init__(self, work: Any) -> None:
        self.work = work

    def hello(self) -> Any:
        return {}

    def open(self, settings: Any) -> object:
        return settings

    def close(self, client: object) -> object:
        return client

    def call(self, client: object, method: str, args: Mapping[str, Any]) -> Any:
        return self.work(args)


def done(work: Any, **args: Any) -> dict[str, Any]:
    return perform(Adapter(work), None, "getBatch", args, lambda awaitable: "settled")


def raising(error: BaseException) -> Any:
    def work(_args: Any) -> Any:
        raise error

    return work


def test_a_value_has_the_name_of_its_type() -> None:
    assert done(lambda args: {"a": 0.5}) == {"value": {"a": Decimal("0.5")}, "type": "dict"}
    assert done(lambda args: None) == {"value": None, "type": "NoneType"}


def test_a_result_says_its_native_type_and_what_was_received() -> None:
    result = Result({"a": None}, "Batch", {})
    assert value_outcome(result) == {"value": {"a": None}, "type": "Batch", "raw": {}}


def test_an_awaitable_is_settled() -> None:
    async def later() -> None:
        pass

    coroutine = later()
    assert done(lambda args: coroutine) == {"value": "settled", "type": "str"}
    coroutine.close()


def test_what_is_no_json_value_is_the_adapters_doing() -> None:
    outcome = done(lambda args: object())
    assert is_broken(outcome)
    assert outcome["error"]["kind"] == "protocol"
    assert named(outcome, "--adapter a:B: getBatch")["error"]["message"] == (
        "--adapter a:B: getBatch: the adapter returned a object that holds a object, "
        "which is no JSON value"
    )


def test_an_error_of_the_sdk_is_not_the_adapters_doing() -> None:
    outcome = {"error": {"kind": "other", "message": "m"}}
    assert named(outcome, "x") == outcome
    assert not is_broken(outcome)
    assert is_broken(broken("timeout", "m"))


def test_an_sdk_error_is_told_with_what_it_shows() -> None:
    error = SdkError("http", "acme.Error", "HTTP 404", 404, {"error": "no"}, {"a": "b"})
    assert done(raising(error)) == {
        "error": {
            "kind": "http",
            "type": "acme.Error",
            "message": "HTTP 404",
            "repr": "SdkError('HTTP 404')",
            "status": 404,
            "body": {"error": "no"},
            "headers": [["a", "b"]],
        }
    }


def test_an_error_of_another_kind_has_no_answer() -> None:
    error = SdkError("timeout", "acme.Late", "too late", 504, "body")
    assert set(error_outcome(error)["error"]) == {"kind", "type", "message", "repr"}


def test_unsupported_says_why() -> None:
    assert done(raising(Unsupported("getBatch", "not in 1.0", "https://x.example/1"))) == {
        "error": {
            "kind": "unsupported",
            "method": "getBatch",
            "reason": "not in 1.0",
            "issue_url": "https://x.example/1",
        }
    }
    assert "issue_url" not in error_outcome(Unsupported("getBatch", "no"))["error"]


@pytest.mark.parametrize("error", [KeyError("id"), SystemExit(3), KeyboardInterrupt()])
def test_any_other_exception_is_of_kind_other(error: BaseException) -> None:
    found = done(raising(error))["error"]
    assert (found["kind"], found["type"]) == ("other", type(error).__name__)
    assert found["repr"] == repr(error)


def test_an_exception_that_cannot_be_printed_is_told_all_the_same() -> None:
    class Mute(Exception):
        def __str__(self) -> str:
            raise ValueError("no")

        __repr__ = __str__

    found = error_outcome(Mute())["error"]
    assert (found["message"], found["repr"]) == ("Mute", "Mute")


@pytest.mark.parametrize(
    "error",
    [
        {"kind": "http", "message": "m", "body": 1, "headers": []},
        {"kind": "http", "message": "m", "status": "404"},
        {"kind": "http", "message": "m", "status": True},
        {"kind": "fatal", "message": "m", "status": 404},
    ],
)
def test_a_kind_that_cannot_be_is_other(error: dict[str, Any]) -> None:
    assert checked_error(error) == {"kind": "other", "message": "m"}


def test_nobody_else_speaks_for_the_suite() -> None:
    assert checked_error({"kind": "other", "by": "suite"}) == {"kind": "other"}


def test_arguments_that_were_changed_are_told_as_they_stand() -> None:
    def meddle(args: Any) -> None:
        args["request"]["model"] = "mine"

    given = {"request": {"metadata": None}}
    outcome = done(meddle, **given)
    assert outcome["argument_after"] == {"request": {"metadata": None, "model": "mine"}}
    assert given == {"request": {"metadata": None}}


def test_arguments_that_were_kept_are_not_told() -> None:
    assert "argument_after" not in done(lambda args: None, request={"a": 1.5})


def test_arguments_that_lost_their_form_are_told() -> None:
    def meddle(args: Any) -> None:
        args["request"] = object()

    assert done(meddle, request={})["argument_after"].startswith("the arguments, which now holds")
