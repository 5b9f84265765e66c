"""`conformance bill`: explain a bill line by line, and name the first place where it goes wrong."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import click

from conformance.bill_choice import Candidate, chosen, of_bodies, of_cassettes
from conformance.cassettes import files_of, load
from conformance.checks import judge
from conformance.checks.billing._oracle import priced_batches
from conformance.cli.judging_bodies import STDIN, content_of
from conformance.cli.options import config_of, suite_options
from conformance.config import Config
from conformance.errors import ConformanceError
from conformance.json_text import ABSENT, at
from conformance.loose_bodies import bodies_of, can_be_broken_by, decoded, masks
from conformance.report.bill import FROM_ROWS, BillTable, bill_table
from conformance.report.bill_text import bill_lines
from conformance.report.sayings import sayings
from conformance.requirements import registry
from conformance.targets.price_file import Card, read_prices
from conformance.verdicts import show
from conformance.views import Observed

# What looks at output rows and prices beside the bill.
_WITH_ROWS = frozenset({*FROM_ROWS, "BILL-TRUTH-05", "BILL-TRUTH-07"})
_MOST_IDS = 5


@click.command()
@click.argument("file", metavar="FILE")
@click.option("--batch", metavar="ID", help="The bill of this batch, where there are several.")
@suite_options("profile", "prices")
def bill(file: str, batch: str | None, **given: Any) -> int:
    """Explain the bill in FILE: a batch body (- is standard input), a cassette, or a folder.

    Of several bills the last one of a batch that has ended is shown. Where the cassette has the
    output rows, and the prices are known or given, the lines are made once more of them.
    """
    config = config_of(given)
    candidates = [one for one in _candidates(file, config) if one.has_bill]
    found = chosen(one for one in candidates if batch in (None, one.id))
    _say_others(candidates, found, batch)
    if found is None:
        click.echo(f"{file}: no bill{f' of batch {batch}' if batch else ''} in it", err=True)
        return 5
    is_open = config.origins["profile"] == "default"
    profile = found.profile if is_open and found.profile else config["profile"]
    table = _table(found, profile, read_prices(config["prices"]))
    for line in bill_lines(table):
        click.echo(line)
    return 1 if any(said.is_wrong for said in table.said) else 0


def _candidates(file: str, config: Config) -> Iterator[Candidate]:
    path = Path(file)
    if path.is_dir():
        return of_cassettes((str(one), load(one)) for one in files_of([path]))
    text = decoded(file, content_of(file))
    found = bodies_of(file, text)
    first = text.values()[0].value if text.values() else None
    if file != STDIN and at(first, "/cassette_version") is not ABSENT:
        return of_cassettes([(file, load(path))])
    for note in found.passed_over[:1]:
        click.echo(note, err=True)
    return of_bodies(found.bodies, masks(found.bodies, config.secrets))


def _say_others(candidates: list[Candidate], found: Candidate | None, batch: str | None) -> None:
    others = {show(one.id) for one in candidates if found is None or one.id != found.id}
    if others and (found is None or batch is None):
        shown = ", ".join(sorted(others)[:_MOST_IDS])
        more = f" and {len(others) - _MOST_IDS} more" if len(others) > _MOST_IDS else ""
        click.echo(f"other bills, for --batch: {shown}{more}", err=True)


def _table(found: Candidate, profile: str, prices: Card) -> BillTable:
    transcript, step = found.transcript(prices)
    rows = {
        row.id: row
        for row in registry().masters(profile)
        if row.family == "billing" and (can_be_broken_by(row) or row.id in _WITH_ROWS)
    }
    judgements = judge([transcript], rows.values(), profile)
    crash = next((one.crash for one in judgements.values() if one.crash is not None), None)
    if crash is not None:
        raise ConformanceError(crash)
    known = sayings(rows, judgements, step, found.prefix)
    priced = next(iter(priced_batches(Observed(transcript), profile)), None)
    return bill_table(found.value, found.locate, known, profile, priced)
