"""The table of methods by SDKs as aligned text, as Markdown, and as one HTML page. Pure."""

from collections.abc import Iterator, Mapping, Sequence
from html import escape
from typing import Any

from conformance.report.parity import ABSENT, PASS

_LOUD = {"fail": "FAIL", "warn": "WARN", "info": "INFO", ABSENT: "-"}
_COUNTED = ("pass", "fail", "warn", "info", "not_tested", "not_applicable", "error")
_STYLE = """
body { font: 15px/1.4 system-ui, sans-serif; margin: 2em; }
table { border-collapse: collapse; }
th, td { border: 1px solid #bbb; padding: .3em .6em; text-align: left; vertical-align: top; }
.pass { background: #e3f4e1; } .fail { background: #f9d9d6; } .warn { background: #fdf0cd; }
small { display: block; max-width: 28em; }
""".strip()


def _short(cell: Mapping[str, Any]) -> str:
    word = _LOUD.get(cell["verdict"], cell["verdict"].replace("_", " "))
    return f"{word} {len(cell['broken'])}" if cell["broken"] else word


def _counts(sdk: Mapping[str, Any]) -> str:
    counts = sdk["counts"]
    words = [f"{counts[one]} {one.replace('_', ' ')}" for one in _COUNTED if one in counts]
    return ", ".join(words) or "nothing judged"


def _ids(cell: Mapping[str, Any]) -> str:
    return ", ".join(one.removeprefix("SDK-") for one in cell["broken"])


def parity_lines(table: Mapping[str, Any]) -> Iterator[str]:
    """The table with how many requirements each method breaks, and then which these are."""
    heads = ["", *(sdk["name"] for sdk in table["sdks"])]
    rows = [[row["method"], *map(_short, row["cells"])] for row in table["methods"]]
    yield from _aligned([heads, *rows])
    yield ""
    for row in table["methods"]:
        for sdk, cell in zip(table["sdks"], row["cells"], strict=True):
            if cell["broken"]:
                yield f"{row['method']}, {sdk['name']}: {_ids(cell)}"
    yield ""
    for sdk in table["sdks"]:
        yield f"{sdk['name']}, profile {table['profile']}: {_counts(sdk)}"
        yield from (f"  note: {note}" for note in sdk["notes"])


def _aligned(rows: Sequence[Sequence[str]]) -> Iterator[str]:
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    for row in rows:
        cells = (text.ljust(width) for text, width in zip(row, widths, strict=True))
        yield "  ".join(cells).rstrip()


def _markdown_cell(cell: Mapping[str, Any]) -> str:
    native = f"`{cell['native']}` " if cell["native"] else ""
    ids = f": {_ids(cell)}" if cell["broken"] else ""
    return f"{native}{_short(cell)}{ids}".replace("|", "\\|")


def markdown(table: Mapping[str, Any]) -> str:
    """The table in Markdown, with native spellings and ids."""
    names = [sdk["name"].replace("|", "\\|") for sdk in table["sdks"]]
    lines = [
        f"# Methods of SDKs, profile {table['profile']}",
        "",
        f"| method | {' | '.join(names)} |",
        "|---" * (len(names) + 1) + "|",
    ]
    rows = [[row["method"], *map(_markdown_cell, row["cells"])] for row in table["methods"]]
    rows.append(["requirements", *map(_counts, table["sdks"])])
    return "\n".join([*lines, *(f"| {' | '.join(row)} |" for row in rows), ""])


def _html_cell(cell: Mapping[str, Any]) -> str:
    native = f"<code>{escape(cell['native'])}</code> " if cell["native"] else ""
    ids = f"<small>{escape(_ids(cell))}</small>" if cell["broken"] else ""
    kind = cell["verdict"] if cell["verdict"] in {PASS, "fail", "warn"} else "other"
    return f'<td class="{kind}">{native}{escape(_short(cell))}{ids}</td>'


def _html_row(head: str, cells: Sequence[str]) -> str:
    return f"<tr><th>{escape(head)}</th>{''.join(cells)}</tr>"


def page(table: Mapping[str, Any]) -> str:
    """The table as an HTML page that needs nothing else."""
    title = escape(f"Methods of SDKs, profile {table['profile']}")
    names = [f"<th>{escape(sdk['name'])}</th>" for sdk in table["sdks"]]
    counted = [f"<td>{escape(_counts(sdk))}</td>" for sdk in table["sdks"]]
    rows = [
        _html_row(row["method"], list(map(_html_cell, row["cells"]))) for row in table["methods"]
    ]
    return "\n".join(
        (
            "<!doctype html>",
            '<html lang="en"><head><meta charset="utf-8">',
            f"<title>{title}</title><style>{_STYLE}</style></head>",
            f"<body><h1>{title}</h1><table>",
            _html_row("method", names),
            *rows,
            _html_row("requirements", counted),
            "</table></body></html>",
            "",
        )
    )
