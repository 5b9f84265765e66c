"""The table of methods by SDKs, as people read it."""

import re
from typing import Any

from conformance.report.parity_text import markdown, page, parity_lines


def cell(verdict: str, *broken: str, native: str | None = "x") -> dict[str, Any]:
    return {"native": native, "verdict": verdict, "broken": [f"SDK-{one}" for one in broken]}


TABLE = {
    "profile": "ai-stats",
    "sdks": [
        {"name": "acme 1", "counts": {"pass": 9, "fail": 1, "not_tested": 2}, "notes": ["odd"]},
        {"name": "a<b|c 2", "counts": {}, "notes": []},
    ],
    "methods": [
        {
            "method": "getBatch",
            "cells": [
                cell("fail", "WIRE-02", "ARGS-06", native="get_batch"),
                cell("pass", native="List<T>.get|x"),
            ],
        },
        {"method": "listBatches", "cells": [cell("absent", native=None), cell("not_tested")]},
    ],
}


def test_the_text_has_the_table_then_the_ids_then_the_counts() -> None:
    assert list(parity_lines(TABLE)) == [
        "             acme 1  a<b|c 2",
        "getBatch     FAIL 2  pass",
        "listBatches  -       not tested",
        "",
        "getBatch, acme 1: WIRE-02, ARGS-06",
        "",
        "acme 1, profile ai-stats: 9 pass, 1 fail, 2 not tested",
        "  note: odd",
        "a<b|c 2, profile ai-stats: nothing judged",
    ]


def test_markdown_has_native_spellings_and_ids_in_the_cells() -> None:
    assert markdown(TABLE).splitlines()[2:] == [
        "| method | acme 1 | a<b\\|c 2 |",
        "|---|---|---|",
        "| getBatch | `get_batch` FAIL 2: WIRE-02, ARGS-06 | `List<T>.get\\|x` pass |",
        "| listBatches | - | `x` not tested |",
        "| requirements | 9 pass, 1 fail, 2 not tested | nothing judged |",
    ]


def test_the_page_escapes_what_an_sdk_says() -> None:
    text = page(TABLE)
    assert "<th>a&lt;b|c 2</th>" in text
    assert "<code>List&lt;T&gt;.get|x</code> pass" in text
    assert '<td class="fail"><code>get_batch</code> FAIL 2<small>WIRE-02, ARGS-06</small>' in text
    assert '<td class="other">-</td>' in text
    assert not re.search("https?://", text)
