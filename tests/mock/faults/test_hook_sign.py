"""Signatures: each fault against the gateway as it should be."""

import json

import pytest

from conformance.mock.gateway.hook_requests import signature
from conformance.mock.outbox import HookAnswer

URL = "http://127.0.0.1:9/h"
SECRET = "whsec_hidden"


def sent(caller):
    caller.created(webhook={"url": URL, "events": ["created"], "secret": SECRET})
    return caller.deliver(HookAnswer(500))[0]


def signed_with(request, key, body):
    timestamp = request.headers["x-ai-stats-timestamp"].encode()
    return request.headers["x-ai-stats-signature"] == signature(key, timestamp + b"." + body)


def test_without_a_fault_the_bytes_are_signed_with_the_whole_secret(caller):
    request = sent(caller)
    assert signed_with(request, SECRET.encode(), request.body)


def test_webhook_resigned_body(make_caller):
    request = sent(make_caller("webhook-resigned-body"))
    again = json.dumps(json.loads(request.body)).encode()
    assert signed_with(request, SECRET.encode(), again)
    assert not signed_with(request, SECRET.encode(), request.body)


def test_webhook_key_without_its_prefix(make_caller):
    request = sent(make_caller("webhook-key-without-its-prefix"))
    assert signed_with(request, b"hidden", request.body)


@pytest.mark.parametrize(("name", "moved_s"), [((), 61), (("webhook-signed-once-for-all",), 0)])
def test_webhook_signed_once_for_all(make_caller, name, moved_s):
    caller = make_caller(*name)
    first = sent(caller)
    caller.act("clock_advanced", by_ms=61_000)
    caller.act("provider_hold")
    caller.act("scheduled_job_tick")
    (second,) = caller.deliver()
    stamps = [int(one.headers["x-ai-stats-timestamp"]) for one in (first, second)]
    assert stamps[1] - stamps[0] == moved_s


def test_an_edit_of_the_body_is_signed_anew_and_one_of_the_signature_stays(make_caller):
    request = sent(make_caller("webhook-progress-past-the-end"))
    assert json.loads(request.body)["data"]["progress"] == 101
    assert signed_with(request, SECRET.encode(), request.body)
    both = sent(make_caller("webhook-progress-past-the-end", "webhook-signature-with-a-scheme"))
    assert both.headers["x-ai-stats-signature"].startswith("sha256=")


def test_an_edit_of_the_request_is_sent(make_caller):
    request = sent(make_caller("webhook-is-a-put", "webhook-sends-a-cookie"))
    assert (request.method, request.headers["cookie"]) == ("PUT", "session=1")
