"""Receivers for the tests of others: no loop of their own to run, and nothing is left behind."""

import threading

import httpx
import pytest

from conformance.signature import sign
from conformance.targets.own_receiver import Answer, OwnReceiver, OwnReceivers
from conformance.transcript import Body


def post(receiver: OwnReceiver, body: bytes = b"{}") -> int:
    headers = {}
    if receiver.secret is not None:
        signature = sign(receiver.secret, "17", body)
        headers = {"x-ai-stats-timestamp": "17", "x-ai-stats-signature": signature}
    return httpx.post(receiver.url, content=body, headers=headers, trust_env=False).status_code


def test_what_arrives_is_kept_with_its_bytes_and_whether_it_is_signed() -> None:
    with OwnReceivers() as receivers:
        signed, plain = receivers.open(), receivers.open(secret=None)
        assert [post(one, b'{ "a":1}') for one in (signed, plain)] == [200, 200]
        found = [one.deliveries() for one in (signed, plain)]
    assert [[one.body for one in came] for came in found] == [[Body(b'{ "a":1}')]] * 2
    assert [[one.signature_valid for one in came] for came in found] == [[True], [None]]


def test_answers_are_as_they_are_told() -> None:
    with OwnReceivers() as receivers:
        receiver = receivers.open(503, Answer(302, (("location", "/x"),)))
        statuses = [post(receiver) for _ in range(3)]
        receiver.answer_with(204)
        assert [*statuses, post(receiver)] == [503, 302, 302, 204]
        answered = [one.answered["status"] for one in receiver.deliveries(4)]
    assert answered == [503, 302, 302, 204]


def test_a_secret_of_ones_own_is_taken_and_shown_to_the_sender() -> None:
    with OwnReceivers() as receivers:
        receiver = receivers.open(secret="whsec_mine")
        assert receiver.webhook(events=["job.failed"]) == {
            "url": receiver.url, "secret": "whsec_mine", "events": ["job.failed"],
        }  # fmt: skip


def test_nothing_is_waited_for_for_ever() -> None:
    with OwnReceivers() as receivers:
        assert receivers.open().deliveries(1, timeout_s=0.02) == []


def test_nobody_listens_and_no_thread_runs_afterwards() -> None:
    threads = threading.active_count()
    with OwnReceivers() as receivers:
        receiver = receivers.open()
    assert threading.active_count() == threads
    with pytest.raises(httpx.ConnectError):
        post(receiver)
