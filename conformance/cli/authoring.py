"""`conformance new ID`: the row, the check and the test of a new requirement, in their places."""

import re
from pathlib import Path

import click

from conformance.errors import UsageError
from conformance.requirements import FAMILIES, registry

_ID = re.compile(r"^(REST|BILL|SDK|WS|HOOK)-[A-Z]+-[0-9]{2}$|^XCH-[0-9]{2}$")

_ROW = """
[[requirement]]
id = "{id}"
level = "SHOULD"
text = "What {id} promises, in one sentence."
source = ["derived"]
profiles = ["ai-stats"]
needs = []
cost = "free"
channel = "http"
input = "batch-body"
by = "code"
provoke = "How it is brought about."
observe = "What to look at."
revision_b = "keep"
fault = {{ name = "{fault}", on = "batch-body", patch = [{{ op = "remove", path = "/id" }}] }}
"""

_CHECK = '''

@check("{id}")
def {name}(body: BatchBody) -> Findings:
    """What {id} promises, as a clause."""
    yield holds(body.id is not ABSENT, seen=body.id, expected="an id", pointer="/id")
'''

_CHECK_HEAD = '''"""{title}."""

from conformance.checks import Findings, check
from conformance.json_text import ABSENT
from conformance.verdicts import holds
from conformance.views import BatchBody
'''

_TEST = """

def test_{name}_is_found_broken() -> None:
    seen = transcript(exchange("GET", "/batches/batch_1", {{}}))
    broken = judge([seen], [registry()["{id}"]], "ai-stats")
    assert [finding.pointer for finding in broken["{id}"].broken] == ["/to-be-written"]
"""

_TEST_HEAD = """from conformance.checks import judge
from conformance.requirements import registry
from conformance.testing import exchange, transcript
"""


def _append(path: Path, head: str, text: str) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    before = path.read_text("utf-8") if path.is_file() else head
    path.write_text(before.rstrip("\n") + "\n" + text, "utf-8")


@click.command()
@click.argument("requirement_id")
@click.option("--area", required=True, metavar="FAMILY/AREA", help="Such as billing/sum.")
@click.option(
    "--root", type=click.Path(path_type=Path, file_okay=False), default=Path(), help="The checkout."
)
def new(requirement_id: str, area: str, root: Path) -> None:
    """Write row, check and a failing test of a new requirement into a checkout of the suite."""
    family, slash, stem = area.removesuffix(".toml").partition("/")
    if not _ID.match(requirement_id):
        raise UsageError(f"{requirement_id}: an id looks like REST-LIST-17 or XCH-40")
    if family not in FAMILIES or not slash or not re.fullmatch(r"[a-z_]+", stem):
        raise UsageError(
            f"--area {area}: expected one of {', '.join(FAMILIES)}, a slash, a file stem"
        )
    if requirement_id in registry():
        raise UsageError(f"{requirement_id} is taken; ids are never used twice")
    if not (root / "conformance" / "requirements").is_dir():
        raise UsageError(
            f"--root {root}: not a checkout of the suite (no conformance/requirements)"
        )
    slug = requirement_id.lower()
    name = slug.replace("-", "_")
    row = root / f"conformance/requirements/{family}/{stem}.toml"
    check = root / f"conformance/checks/{family}/{stem}.py"
    test = root / f"tests/checks/{family}/test_{stem}.py"
    _append(row, f"# {family}/{stem}\n", _ROW.format(id=requirement_id, fault=f"{slug}-broken"))
    title = f"Checks of {family}/{stem}"
    _append(check, _CHECK_HEAD.format(title=title), _CHECK.format(id=requirement_id, name=name))
    _append(test, _TEST_HEAD, _TEST.format(id=requirement_id, name=name))
    for path in (row, check, test):
        click.echo(path)
