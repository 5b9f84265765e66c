"""How long things may be: the bounds, and by name the exceptions with their reasons."""

import ast
from pathlib import Path

ROOT = Path(__file__).parents[2]
MODULES = sorted((ROOT / "conformance").rglob("*.py"))
TESTS = sorted((ROOT / "tests").rglob("*.py"))

LONGEST_MODULE = 400
LONGEST_TEST_MODULE = 600
LONGEST_FUNCTION = 50
LONGEST_CHECK = 25
MOST_ARGUMENTS = 7

EXCEPTIONS: dict[str, str] = {}


def functions():
    for path in MODULES:
        for node in ast.walk(ast.parse(path.read_text("utf-8"))):
            if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
                yield path.relative_to(ROOT).as_posix(), node


def length(node):
    return node.end_lineno - node.lineno + 1


def is_check(node):
    names = [
        d.func.id
        for d in node.decorator_list
        if isinstance(d, ast.Call) and isinstance(d.func, ast.Name)
    ]
    return "check" in names


def test_no_module_is_two_rooms_in_one():
    lines = {
        p.relative_to(ROOT).as_posix(): len(p.read_text("utf-8").splitlines()) for p in MODULES
    }
    assert {p: n for p, n in lines.items() if n > LONGEST_MODULE and p not in EXCEPTIONS} == {}


def test_no_test_module_is_endless():
    lines = {p.relative_to(ROOT).as_posix(): len(p.read_text("utf-8").splitlines()) for p in TESTS}
    assert {p: n for p, n in lines.items() if n > LONGEST_TEST_MODULE} == {}


def test_no_function_is_endless():
    long = {f"{path}:{node.name}": length(node) for path, node in functions()}
    assert {name: n for name, n in long.items() if n > LONGEST_FUNCTION} == {}


def test_a_check_is_short():
    long = {f"{p}:{n.name}": length(n) for p, n in functions() if is_check(n)}
    assert {name: n for name, n in long.items() if n > LONGEST_CHECK} == {}


def test_no_function_takes_a_crowd():
    crowd = {}
    for path, node in functions():
        given = [
            a.arg for a in node.args.posonlyargs + node.args.args if a.arg not in {"self", "cls"}
        ]
        if len(given) > MOST_ARGUMENTS:
            crowd[f"{path}:{node.name}"] = len(given)
    assert crowd == {}
