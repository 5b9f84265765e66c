import pytest

from conformance.mock.urls import (
    BadUrl,
    is_placeholder_host,
    is_private_host,
    may_be_plain_http,
    parse_url,
)


@pytest.mark.parametrize(
    ("written", "normal"),
    [
        ("https://EXAMPLE.com", "https://example.com/"),
        ("HTTPS://Example.com:443/A?b=C#d", "https://example.com/A?b=C#d"),
        (" https://a.example/x y/../z ", "https://a.example/z"),
        ("https://a.example:8443/./b/..", "https://a.example:8443/"),
        ("https:a.example/x", "https://a.example/x"),
        ("https:\\\\a.example\\x", "https://a.example/x"),
        ("https://127.1/", "https://127.0.0.1/"),
        ("https://2130706433", "https://127.0.0.1/"),
        ("https://0x7f.1/", "https://127.0.0.1/"),
        ("https://0177.0.0.1/", "https://127.0.0.1/"),
        ("https://[::FFFF:10.0.0.1]/", "https://[::ffff:a00:1]/"),
        ("https://[0:0::1]:443/", "https://[::1]/"),
        ("https://b\u00fccher.example/", "https://xn--bcher-kva.example/"),
        ("https://u:p@example.com/h", "https://u:p@example.com/h"),
        ("https://a.example/it's?it's", "https://a.example/it's?it%27s"),
        ("https://a.example/\u00e4?\u00f6", "https://a.example/%C3%A4?%C3%B6"),
    ],
)
def test_urls_get_their_whatwg_form(written, normal):
    assert parse_url(written).text == normal


@pytest.mark.parametrize(
    "written",
    [
        "ftp://x.example/",
        "javascript:alert(1)",
        "/h",
        "not a url",
        "https://",
        "https://a b/",
        "https://a:99999/",
        "https://a:x/",
        "https://[::g]/",
        "https://1.2.3.4.5/",
        "https://256.1.1.1.1/",
        "https://09.1/",
    ],
)
def test_other_texts_are_no_urls(written):
    with pytest.raises(BadUrl):
        parse_url(written)


@pytest.mark.parametrize(
    ("host", "private"),
    [
        ("localhost", True),
        ("127.0.0.1", True),
        ("10.0.0.1", True),
        ("172.16.0.1", True),
        ("172.31.255.1", True),
        ("172.15.0.1", False),
        ("172.32.0.1", False),
        ("192.168.1.1", True),
        ("169.254.169.254", True),
        ("0.0.0.0", True),
        ("[::1]", True),
        ("[::]", True),
        ("[fd00::1]", True),
        ("[fe80::1]", True),
        ("[::ffff:a00:1]", True),
        ("[2001:db8::1]", False),
        ("8.8.8.8", False),
        ("example.com", False),
    ],
)
def test_private_hosts_are_told_from_public_ones(host, private):
    assert is_private_host(host) is private


def test_plain_http_is_for_this_machine():
    hosts = ("localhost", "127.0.0.1", "[::1]", "example.com", "10.0.0.1")
    assert [may_be_plain_http(host) for host in hosts] == [True, True, True, False, False]


@pytest.mark.parametrize(
    ("host", "leads_nowhere"),
    [
        ("hooks.example.com", True),
        ("EXAMPLE.org.", True),
        ("a.example", True),
        ("nope.invalid", True),
        ("hooks.myexample.com", False),
        ("127.0.0.1", False),
        ("localhost", False),
    ],
)
def test_names_for_documentation_and_tests_are_known(host, leads_nowhere):
    assert is_placeholder_host(host) is leads_nowhere
