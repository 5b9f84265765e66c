"""The tables of a bill as aligned plain text, with the first wrong step named at the end. Pure."""

from collections.abc import Iterator, Sequence

from conformance.report.bill import UNJUDGED, BillTable, Step, brief
from conformance.report.sayings import Said

_MOST_LINES = 40
_HEAD = 10
_TAIL = 5
_MOST_WRONG = 20
_LINES = (
    "line", "dimension", "quantity", "unit size", "units", "unit price",
    "units x price", "amount", "difference", "",
)  # fmt: skip
_FROM_ROWS = ("from output rows", "unit size", "unit price", "amount", "billed", "")
_STATED = ("stated", "", "")
# The columns that hold names; the others hold numbers, flush right.
_NAMES = frozenset({"dimension", "from output rows", "stated", ""})


def bill_lines(table: BillTable) -> Iterator[str]:
    """The bill as text."""
    yield table.title
    yield f"at {table.locate('')}"
    yield ""
    if table.lines:
        yield from _aligned(_LINES, list(_kept(table.lines)))
        yield ""
    if table.from_rows is not None:
        yield from _aligned(_FROM_ROWS, list(_kept(table.from_rows)))
        yield ""
    yield from _aligned(_STATED, list(table.stated))
    yield ""
    for said in table.elsewhere[:_MOST_WRONG]:
        yield f"{said.row.id} ({said.row.level}) at {_at(said)}: seen {_both(said)}"
    if len(table.elsewhere) > _MOST_WRONG:
        yield f"…and {len(table.elsewhere) - _MOST_WRONG} more"
    yield from _verdict(table)


def _kept(steps: Sequence[Step]) -> Iterator[Step | str]:
    """All steps, or of many the head, the wrong ones and the tail."""
    if len(steps) <= _MOST_LINES:
        yield from steps
        return
    shown = {*range(_HEAD), *range(len(steps) - _TAIL, len(steps))}
    wrong = [index for index, step in enumerate(steps) if step.said and index not in shown]
    shown.update(wrong[:_MOST_WRONG])
    last = -1
    for index in sorted(shown):
        if index > last + 1:
            yield _gap(steps[last + 1 : index])
        yield steps[index]
        last = index


def _gap(steps: Sequence[Step]) -> str:
    wrong = sum(bool(step.said) for step in steps)
    return f"… {len(steps)} more" + (f", {wrong} of them wrong" if wrong else "")


def _aligned(heads: Sequence[str], rows: Sequence[Step | str]) -> Iterator[str]:
    cells = [(*row.cells, row.mark) if isinstance(row, Step) else (row,) for row in rows]
    full = [heads, *(row for row in cells if len(row) == len(heads))]
    widths = [max(len(row[index]) for row in full) for index in range(len(heads) - 1)]
    for row in (heads, *cells):
        # What is no row of the table, such as a gap, stands as it is.
        if len(row) < len(heads):
            yield "  ".join(row)
            continue
        shown = [
            text.ljust(width) if head in _NAMES else text.rjust(width)
            for text, width, head in zip(row, widths, heads, strict=False)
        ]
        yield "  ".join((*shown, row[-1])).rstrip()


def _at(said: Said) -> str:
    return said.pointer or "the whole object"


def _both(said: Said) -> str:
    expected = said.finding.expected
    return brief(said.finding.seen) + (f", expected {brief(expected)}" if expected else "")


def _verdict(table: BillTable) -> Iterator[str]:
    wrong = [said for said in table.said if said.is_wrong]
    if wrong:
        first = wrong[0]
        ids = dict.fromkeys(said.row.id for said in wrong if said.pointer == first.pointer)
        yield f"does not add up, first at {table.locate(first.pointer)}:"
        yield f"  seen {_both(first)} ({', '.join(ids)})"
        others = [one for one in dict.fromkeys(said.row.id for said in wrong) if one not in ids]
        if others:
            yield f"also broken: {', '.join(others)}"
    else:
        yield _fine(table)
    advice = dict.fromkeys(said.row.id for said in table.said if not said.is_wrong)
    if advice:
        yield f"advice not followed: {', '.join(advice)}"
    if table.said:
        yield f"more: conformance explain {(wrong or table.said)[0].row.id}"


def _fine(table: BillTable) -> str:
    steps = (*table.lines, *(table.from_rows or ()), *table.stated)
    open_steps = sum(step.mark.startswith(UNJUDGED) for step in steps)
    text = "adds up" if table.cost_nanos is not None else "nothing is wrong; no cost is stated"
    return f"{text}; steps that could not be judged: {open_steps}" if open_steps else text
