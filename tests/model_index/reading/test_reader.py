"""Nodes with positions: places are exact, and hostile texts end in a fault, soon."""

import sys
from collections.abc import Callable
from types import FrameType

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from zoo.model_index.errors import Fault
from zoo.model_index.reading.builder_arguments import Arguments
from zoo.model_index.reading.markdown import comments
from zoo.model_index.reading.reader import Reader, describe
from zoo.model_index.reading.yaml_nodes import Node, Scalar, children_of, compose, is_empty, plain


def scalars(
    text: str, line: int = 0, offset: int = 0, inner: str | None = None
) -> list[tuple[str, int, int, str]]:
    """Value, line, column and the source characters of every scalar in reading order."""
    faults: list[Fault] = []
    reader = Reader("f.yml", text if inner is None else inner, faults, line, offset)
    found = []

    def walk(node: Node) -> None:
        if isinstance(node, Scalar):
            place = reader.place(node)
            found.append((node.value, place.line, place.column, text[place.start : place.end]))
        for child in children_of(node):
            walk(child)

    walk(reader.root())
    assert not faults
    return found


PLACES = [
    ("A: 12", ("12", 1, 4, "12")),
    ("A: 'it''s'", ("it's", 1, 4, "'it''s'")),
    ('A: "x\\n" # c', ("x\n", 1, 4, '"x\\n"')),
    ("A: plain words  # c", ("plain words", 1, 4, "plain words")),
    ("A: one\n  two\nB: 1", ("one two", 1, 4, "one\n  two")),
    ("A: >-\n  one\n  two\n\n\nB: 1", ("one two", 1, 4, ">-\n  one\n  two")),
    ("A: |\n  one\n\n  two\nB: 1", ("one\n\ntwo\n", 1, 4, "|\n  one\n\n  two")),
    ("A: |\n  last", ("last", 1, 4, "|\n  last")),
    ("# é\nA: 'dé😀'", ("dé😀", 2, 4, "'dé😀'")),
    ("é: ü😀 ", ("ü😀", 1, 4, "ü😀")),
    ("A: !!str 12", ("12", 1, 10, "12")),
    ("A: &x 12\nB: 1", ("12", 1, 7, "12")),
    ("A: !!str &x\n  '12'", ("12", 2, 3, "'12'")),
    ("- {A: 12}", ("12", 1, 7, "12")),
    ("A: 012\n", ("012", 1, 4, "012")),
    ("A: no\n", ("no", 1, 4, "no")),
]


@pytest.mark.parametrize("start", ["", "\ufeff"], ids=["", "BOM"])
@pytest.mark.parametrize("newline", ["\n", "\r\n"], ids=["LF", "CRLF"])
@pytest.mark.parametrize(("text", "expected"), PLACES)
def test_a_place_is_exactly_the_scalar(
    text: str, expected: tuple, newline: str, start: str
) -> None:
    value, line, column, source = expected
    found = scalars(start + text.replace("\n", newline))[1]
    assert found == (value, line, column, source.replace("\n", newline))


@pytest.mark.parametrize("newline", ["\n", "\r\n"], ids=["LF", "CRLF"])
@pytest.mark.parametrize("start", ["", "\ufeff"], ids=["", "BOM"])
def test_places_in_markdown(newline: str, start: str) -> None:
    page = (
        "# Ünïcode\n\n<!-- a comment -->\n<!--\nType: model-index\nModels:\n- Name: 'é'\n-->\n\n"
        "End\n"
    )
    page = start + page.replace("\n", newline)
    ((offset, block),) = comments(page)
    found = scalars(page, page.count("\n", 0, offset), offset, block)
    assert found[-1] == ("é", 7, 9, "'é'")


def test_an_alias_stands_where_its_anchor_does() -> None:
    assert scalars("A: &x 12\nB: *x\n") == [
        ("A", 1, 1, "A"),
        ("12", 1, 7, "12"),
        ("B", 2, 1, "B"),
        ("12", 1, 7, "12"),
    ]


@given(
    st.lists(
        st.text(st.characters(exclude_categories=["C", "Z"]), min_size=1, max_size=8), max_size=5
    )
)
def test_any_double_quoted_text_is_found_again(values: list[str]) -> None:
    quoted = ['"' + value.replace("\\", "\\\\").replace('"', '\\"') + '"' for value in values]
    text = "\n".join(f"- {value}" for value in quoted) or "[]"
    assert [(value, source) for value, _, _, source in scalars(text)] == list(
        zip(values, quoted, strict=True)
    )


def faults_of(text: str) -> list[str]:
    faults: list[Fault] = []
    Reader("f.yml", text, faults).root()
    return [str(fault) for fault in faults]


LEVELS = "at most 100 levels of nesting, got more"


@pytest.mark.parametrize(
    ("text", "fault"),
    [
        (
            "a: [1",
            "f.yml:1: expected valid YAML, got while parsing a flow sequence did not find expected "
            "',' or ']'",
        ),
        (
            "a: b: c",
            "f.yml:1: expected valid YAML, got mapping values are not allowed in this context",
        ),
        (
            "\ta: 1",
            "f.yml:1: expected valid YAML, got while scanning for the next token found character "
            "that cannot start any token",
        ),
        (
            "a: 1\nb: \x07",
            "f.yml:2: expected valid YAML, got unacceptable character #x0007: control characters "
            "are not allowed",
        ),
        (
            "a: 1\n---\nb: 1",
            "f.yml:2: expected valid YAML, got expected a single document in the stream but found "
            "another document",
        ),
        ("a: *b", "f.yml:1: expected valid YAML, got found undefined alias 'b'"),
        ("a: &x\n  b: *x", "f.yml:2: expected a finite value, got an alias that contains itself"),
        ("a: 1\nb: &x [*x]", "f.yml:2: expected a finite value, got an alias that contains itself"),
        ("a:\n " + "[" * 100_000, f"f.yml:2: expected {LEVELS}"),
        ("- " * 100_000 + "x", f"f.yml:1: expected {LEVELS}"),
        ("{a: " * 5000 + "}" * 5000, f"f.yml:1: expected {LEVELS}"),
        ("".join(" " * i + "a:\n" for i in range(300)), f"f.yml:101: expected {LEVELS}"),
    ],
)
def test_faults_of_a_text(text: str, fault: str) -> None:
    assert faults_of(text) == [fault]


def test_the_deepest_nesting_allowed() -> None:
    assert not faults_of("[" * 100 + "x" + "]" * 100)
    assert faults_of("[" * 101 + "x" + "]" * 101) == [f"f.yml:1: expected {LEVELS}"]
    assert faults_of("[" * 99 + "x" + "]" * 99 + " # " + "[") == []


def test_depth_is_counted_through_aliases() -> None:
    half = "[" * 60 + "{}" + "]" * 60
    text = f"- &a {half.format('x')}\n- {half.format('*a')}\n"
    assert faults_of(text) == [f"f.yml:2: expected {LEVELS}"]


@pytest.mark.usefixtures("cpu_limit")
def test_an_alias_bomb_is_refused_in_bounded_time() -> None:
    lines = ["a0: &a0 [x, x, x, x, x, x, x, x, x]"]
    lines += [f"a{i}: &a{i} [{', '.join([f'*a{i - 1}'] * 9)}]" for i in range(1, 30)]
    assert faults_of("\n".join(lines)) == [
        "f.yml:7: expected at most 2000000 values, got aliases that expand to more"
    ]


@pytest.mark.parametrize("text", ["", "\ufeff", "# only a comment\n", "\n\n"])
def test_an_empty_text_has_no_root(text: str) -> None:
    faults: list[Fault] = []
    assert Reader("f.yml", text, faults).root() is None
    assert not faults


def mapping(text: str) -> tuple[dict[str, str], list[str]]:
    faults: list[Fault] = []
    reader = Reader("f.yml", text, faults)
    items = reader.mapping(reader.root(), "")
    return {key: describe(item.node) for key, item in items.items()}, [
        str(fault) for fault in faults
    ]


@pytest.mark.parametrize(
    ("text", "items", "faults"),
    [
        ("FLOPs: 1\nZ: ~", {"flops": "'1'", "z": "nothing"}, []),
        ("a: {b: c}\nd: [1]", {"a": "a mapping", "d": "a list"}, []),
        ("a: 1\nA: 2", {"a": "'2'"}, ["f.yml:2: A: expected each key once, got 'A' again"]),
        ("? [x]\n: 1\nb: 2", {"b": "'2'"}, ["f.yml:1: expected a text key, got a list"]),
        ("[1]", {}, ["f.yml:1: expected a mapping, got a list"]),
        ("x", {}, ["f.yml:1: expected a mapping, got 'x'"]),
        ("~", {}, []),
        ("<<: {a: 1, b: 2}\nb: 3", {"a": "'1'", "b": "'3'"}, []),
        ("<<: [{a: 1}, {a: 2, c: 3}]", {"a": "'1'", "c": "'3'"}, []),
        ("<<: 5", {}, ["f.yml:1: expected a mapping, got '5'"]),
    ],
)
def test_mapping(text: str, items: dict[str, str], faults: list[str]) -> None:
    assert mapping(text) == (items, faults)


def test_descriptions_of_long_text_are_cut() -> None:
    node = compose("x" * 61)
    assert describe(node) == repr("x" * 57 + "...")
    assert describe(None) == "nothing"


@pytest.mark.parametrize(
    ("text", "empty"), [("", True), ("~", True), ("null", True), ("''", False), ("'~'", False)]
)
def test_is_empty(text: str, empty: bool) -> None:
    assert is_empty(compose(text)) is empty


def test_plain_keeps_the_text() -> None:
    root = compose("a: 012\nb: [no, 1e-4, ~]\nc: {d: 2020-01-01}")
    assert plain(root) == {"a": "012", "b": ["no", "1e-4", None], "c": {"d": "2020-01-01"}}


def arguments(text: str) -> tuple[dict[str, object], list[str]]:
    faults: list[Fault] = []
    reader = Reader("f.yml", text, faults)
    root = reader.root()
    assert root is not None
    return Arguments(reader).mapping(root, "A"), [str(fault) for fault in faults]


@pytest.mark.parametrize(
    ("text", "values"),
    [
        ("a: [1, -0.5, true, x, ~, [2], {}]", {"a": [1, -0.5, True, "x", None, [2], {}]}),
        ("a: {b: {'1': 0x10}, B: '.nan'}", {"a": {"b": {"1": 16}, "B": ".nan"}}),
        ("a: &x {b: 1, c: 2}\nd: {<<: *x, c: 3}", {"a": {"b": 1, "c": 2}, "d": {"b": 1, "c": 3}}),
        ("a: {<<: [{b: 1}, {b: 2, c: 3}]}", {"a": {"b": 1, "c": 3}}),
        (
            "a: !!str 12\nb: !!float 3\n'on': 18446744073709551615",
            {"a": "12", "b": 3.0, "on": 2**64 - 1},
        ),
    ],
)
def test_arguments(text: str, values: dict[str, object]) -> None:
    assert arguments(text) == (values, [])


PLAIN = "expected text, a number, true, false, null, or lists and mappings of these, got"
KEY = "expected a text key, in quotes where YAML reads another type, got"


@pytest.mark.parametrize(
    ("text", "fault"),
    [
        ("a: !!set {x, y}", f"A.a: {PLAIN} a mapping (!!set)"),
        ("a: !!omap [x: 1]", f"A.a: {PLAIN} a list (!!omap)"),
        ("a: !!str [x]", f"A.a: {PLAIN} a list (!!str)"),
        ("a: 2020-01-01", f"A.a: {PLAIN} '2020-01-01' (!!timestamp)"),
        (
            "a: [0, {b: 2020-01-01 10:00:00}]",
            f"A.a[1].b: {PLAIN} '2020-01-01 10:00:00' (!!timestamp)",
        ),
        ("a: .nan", f"A.a: {PLAIN} '.nan' (!!float)"),
        ("a: [-.inf]", f"A.a[0]: {PLAIN} '-.inf' (!!float)"),
        ("a: 1.0e+999", f"A.a: {PLAIN} '1.0e+999' (!!float)"),
        ("a: !!binary YQ==", f"A.a: {PLAIN} 'YQ==' (!!binary)"),
        ("a: !!int ''", f"A.a: {PLAIN} '' (!!int)"),
        ("a: !!bool x", f"A.a: {PLAIN} 'x' (!!bool)"),
        ("a: !!timestamp x", f"A.a: {PLAIN} 'x' (!!timestamp)"),
        ("a: " + "9" * 5000, f"A.a: {PLAIN} '{'9' * 57}...' (!!int)"),
        ("a: 0x1" + "0" * 16, f"A.a: {PLAIN} a whole number of more than 64 bits"),
        ("a: !own x", f"A.a: {PLAIN} 'x' (!own)"),
        (
            "a: !!python/object/apply:os.getcwd []",
            f"A.a: {PLAIN} a list (!!python/object/apply:os.getcwd)",
        ),
        ("a: {1: x}", f"A.a: {KEY} '1' (!!int)"),
        ("on: x", f"A: {KEY} 'on' (!!bool)"),
        ("a: {~: x}", f"A.a: {KEY} nothing (!!null)"),
        ("a: {[b]: x}", f"A.a: {KEY} a list"),
        ("a: {b: 1, b: 2}", "A.a.b: expected each key once, got 'b' again"),
        ("a: {<<: 5}", "A.a: expected a mapping, got '5' (!!int)"),
        ("!!set {a, b}", "A: expected a mapping, got a mapping (!!set)"),
        ("[a]", "A: expected a mapping, got a list"),
        ("a: {b: &x .nan, c: *x}", f"A.a.b: {PLAIN} '.nan' (!!float)"),
        (f"'{'k' * 50}': .inf", f"A.{'k' * 37}...: {PLAIN} '.inf' (!!float)"),
        ('"a\\n": .inf', f"A.'a\\n': {PLAIN} '.inf' (!!float)"),
    ],
)
def test_an_argument_that_is_no_plain_data(text: str, fault: str) -> None:
    assert arguments(text)[1] == [f"f.yml:1: {fault}"]


def count_calls(run: Callable[[], object]) -> int:
    """Return how many functions of Python a call enters."""
    calls = 0

    def profile(frame: FrameType, event: str, argument: object) -> None:
        nonlocal calls
        calls += event == "call"

    before = sys.getprofile()
    sys.setprofile(profile)
    try:
        run()
    finally:
        sys.setprofile(before)
    return calls


def test_arguments_full_of_aliases_are_read_once_each() -> None:
    """The six lists expand to 531,441 values; each list is visited once for all its aliases."""
    lines = ["a0: &a0 [.nan, x, x, x, x, x, x, x, x]"]
    lines += [f"a{i}: &a{i} [{', '.join([f'*a{i - 1}'] * 9)}]" for i in range(1, 6)]
    assert arguments("\n".join(lines))[1] == [f"f.yml:1: A.a0[0]: {PLAIN} '.nan' (!!float)"]
    assert count_calls(lambda: arguments("\n".join(lines))) < 20_000


class RefusingLoader:
    """The loader of a libyaml that refuses deep nesting itself."""

    def __init__(self, text: str):
        lines = text[: text.index("[[")].count("\n")
        self.mark = yaml.Mark("<unicode string>", 0, lines, 0, None, None)

    def get_event(self) -> None:
        problem = "Maximum nesting level reached, set with yaml_set_max_nest_level())"
        raise yaml.parser.ParserError("while parsing", self.mark, problem, self.mark)


def test_nesting_that_libyaml_refuses_has_the_same_message(monkeypatch: pytest.MonkeyPatch) -> None:
    faults: list[Fault] = []
    monkeypatch.setattr("zoo.model_index.reading.yaml_nodes.Loader", RefusingLoader)
    assert Reader("f.yml", "a:\n " + "[" * 2000, faults).root() is None
    assert list(map(str, faults)) == ["f.yml:2: expected at most 100 levels of nesting, got more"]
