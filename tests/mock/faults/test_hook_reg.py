"""Registering a webhook: each fault against the gateway as it should be."""

URL = "http://127.0.0.1:9/h"


def test_null_webhook_refused(make_caller, caller):
    answers = [one.create(webhook=None) for one in (caller, make_caller("null-webhook-refused"))]
    assert [one.status for one in answers] == [200, 400]
    assert make_caller("null-webhook-refused").create().status == 200


def held(caller):
    answer = caller.create(webhook={"url": "http://example.com/h"})
    return answer.status, caller.wallet()["reserved_nanos"]


def test_hold_before_the_webhook_is_checked(make_caller, caller):
    faulty = make_caller("hold-before-the-webhook-is-checked")
    assert (held(caller), held(faulty)) == ((400, 0), (400, 1_000_000))


def key_of(caller):
    batch = caller.created(webhook={"url": URL, "secret": "  k  "})
    return caller.workspace.batches[batch["id"]].webhook.secret


def test_blanks_are_part_of_the_secret(make_caller, caller):
    faulty = make_caller("blanks-are-part-of-the-secret")
    assert (key_of(caller), key_of(faulty)) == ("k", "  k  ")
    assert faulty.created(webhook={"url": URL})["webhook"]["has_secret"] is False
