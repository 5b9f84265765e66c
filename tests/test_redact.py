"""Redaction: a secret stands nowhere, its marker stands where it stood."""

import base64
import json
from typing import Any
from urllib.parse import quote, quote_plus

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from conformance.redact import Redactor, markers_in, secrets_in

KEY = "aistats_v1_sk_0123456789abcdef_00ff11ee22dd33cc44bb55aa"
SECRETS = st.text(st.characters(codec="utf-8", exclude_characters="\0"), min_size=8, max_size=60)
# Surroundings that a secret of eight characters cannot be part of.
AROUND = st.text("~ ", max_size=5)
MARKER = "{{key:a}}"


def redactor(**secrets: str) -> Redactor:
    return Redactor({f"key:{name}": secret for name, secret in secrets.items()})


def base64_amid(before: str, secret: str, after: str) -> str:
    return base64.b64encode(f"{before}{secret}{after}".encode()).decode()


@given(SECRETS, AROUND, AROUND)
def test_every_secret_becomes_its_marker(secret: str, before: str, after: str) -> None:
    shown = redactor(a=secret).text(f"{before}{secret}{after}")
    assert secret not in shown
    assert MARKER in shown
    planted = f"{before}{secret}{after}".encode()
    assert redactor(a=secret).content(planted) == shown.encode()


@given(SECRETS)
def test_every_secret_is_found_in_each_of_its_spellings(secret: str) -> None:
    spellings = [
        json.dumps(secret)[1:-1],
        json.dumps(secret, ensure_ascii=False)[1:-1],
        json.dumps(secret)[1:-1].replace("/", "\\/"),
        quote(secret, safe=""),
        quote(secret),
        quote_plus(secret),
        base64.b64encode(secret.encode()).decode(),
        base64.urlsafe_b64encode(secret.encode()).decode().rstrip("="),
        secret.encode().hex(),
        secret.encode().hex().upper(),
    ]
    redact = redactor(a=secret)
    assert {redact.text(f"<{one}>").rstrip("=>") for one in spellings} == {f"<{MARKER}"}


@given(SECRETS, AROUND, AROUND)
def test_every_secret_is_found_amid_base64(secret: str, before: str, after: str) -> None:
    hidden = base64_amid(before, secret, after)
    shown = redactor(a=secret).text(hidden)
    assert MARKER in shown
    kept = len(shown) - len(MARKER)
    assert len(hidden) - kept >= len(secret.encode()) * 8 // 6 - 2


@given(SECRETS)
def test_every_secret_in_a_header_or_its_name_becomes_the_marker(secret: str) -> None:
    assume(secret.lower() not in {"cookie", "set-cookie", "proxy-authorization"})
    shown = redactor(a=secret).headers(((secret, f"Bearer {secret}"),))
    assert shown == ((MARKER, f"Bearer {MARKER}"),)


def test_lower_case_escapes_are_found_too() -> None:
    assert redactor(a="ab/cd+ef").text("u=ab%2fcd%2bef") == f"u={MARKER}"


def test_a_key_is_not_taken_for_its_own_tail() -> None:
    redact = redactor(a=KEY)
    assert redact.text(KEY) == MARKER
    assert redact.text(KEY.rpartition("_")[2]) == "{{key:a:secret-part}}"


def test_a_short_tail_is_no_secret_of_its_own() -> None:
    assert redactor(a="long_enough_tail").text("tail") == "tail"


def test_a_text_without_secrets_stays_as_it_is() -> None:
    assert redactor(a=KEY, b="").text("nothing here") == "nothing here"


def test_words_below_six_letters_are_left_alone() -> None:
    assert redactor(a="batch").text("the batch") == "the batch"


def test_what_was_put_in_is_not_searched_again() -> None:
    redact = Redactor({"header:X-Long": "long-secret-value", "header:Y": "header"})
    assert redact.text("long-secret-value header") == "{{header:X-Long}} {{header:Y}}"


def test_of_two_names_for_one_secret_the_first_is_shown() -> None:
    assert redactor(a=KEY, credits=KEY).text(KEY) == MARKER


def test_every_place_of_every_secret_is_found() -> None:
    redact = redactor(a="aaaaaaaa-1", b="bbbbbbbb-2")
    assert redact.content(b"aaaaaaaa-1,bbbbbbbb-2,aaaaaaaa-1") == (b"{{key:a}},{{key:b}},{{key:a}}")


@pytest.mark.parametrize("name", ["Cookie", "set-cookie", "Proxy-Authorization"])
def test_cookies_are_masked_whole(name: str) -> None:
    assert redactor().headers(((name, "sid=1"), ("x", "1"))) == ((name, "{{masked}}"), ("x", "1"))


def test_markers_are_found_by_name() -> None:
    text = "{{key:a}} {{webhook:1}} {{header:X}} {{masked}} {{key:open {{ }}"
    assert markers_in(text) == ["key:a", "webhook:1", "header:X"]


@pytest.mark.parametrize(
    ("value", "secrets"),
    [
        ({"webhook": {"secret": "hunter2hunter2"}}, ["hunter2hunter2"]),
        ([{"signing_secret": ["s1", "s2"]}], ["s2", "s1"]),
        ({"Authorization": "Bearer x", "apiKey": "k", "password": "p"}, ["p", "k", "Bearer x"]),
        ({"note": "take whsec_aB+/1=, please"}, ["whsec_aB+/1="]),
        ({"note": "key aistats_v1_sk_kid123_s3cret"}, ["aistats_v1_sk_kid123_s3cret"]),
        ({"has_secret": True, "total_tokens": "5", "id": "batch_1"}, []),
    ],
)
def test_what_looks_like_a_secret_in_a_body_is_found(value: Any, secrets: list[str]) -> None:
    found = secrets_in(value)
    assert list(found.values()) == secrets
    assert list(found) == [f"masked:{number}" for number in range(1, len(secrets) + 1)]


def test_a_secret_that_is_learnt_later_is_replaced_from_then_on() -> None:
    redact = redactor(a="first-secret")
    assert redact.text("whsec_later") == "whsec_later"
    assert redact.learn("webhook", "whsec_later") == "webhook:1"
    assert redact.text("first-secret whsec_later") == "{{key:a}} {{webhook:1}}"
    assert redact.content(b"whsec_later") == b"{{webhook:1}}"


def test_learnt_secrets_are_numbered_and_each_is_learnt_once() -> None:
    redact = redactor()
    names = [redact.learn("webhook", secret) for secret in ("secret-1", "secret-2", "secret-1")]
    assert names == ["webhook:1", "webhook:2", "webhook:1"]
