"""Names say what a thing is; the formatter, keyword arguments and short commands keep it
legible."""

import ast
import re
from collections import Counter
from collections.abc import Iterator

import pytest

from tests.source_tree import PACKAGES, ROOT, modules, tree

# Words that say that there is a value, and not what it is.
EMPTY = frozenset(
    "one each found known these given asked told made kept said other rest now own about what here"
    " there of".split()
)
MAX_EMPTY = 0.015
MAX_POSITIONAL = 6
MAX_FORMATTER_SWITCHES = 10
MAX_COMMAND_LINES = 30
MAX_ENTRIES = {"zoo": 17, "model_index": 18, "reporting": 20}
# Words that end like a participle and are nouns, or terms of the field (`torch.distributed`).
NOUNS = frozenset("distributed embed feed need seed shard speed".split())
IRREGULAR = frozenset(
    "built chosen done drawn found given gone held kept lost made met said seen sent shown spent"
    " taken thrown told written".split()
)
# A participle and one of these is a name without a noun: `looked_at`.
PREPOSITIONS = frozenset("after at by from of on to with".split())
# A function whose first word is one of these says what it does: `report_skipped`.
VERBS = frozenset("add count format list print read report write".split())


def bound_names(name: str) -> Iterator[str]:
    """Every variable, parameter, function and class that a module binds."""
    for node in ast.walk(tree(name)):
        if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store):
            yield node.id
        elif isinstance(node, ast.arg):
            yield node.arg
        elif isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
            yield node.name


def test_few_names_are_empty_words() -> None:
    names = [bound.strip("_").lower() for name in modules() for bound in bound_names(name)]
    empty = Counter(name for name in names if name in EMPTY)
    assert empty.total() <= MAX_EMPTY * len(names), empty.most_common()


@pytest.mark.parametrize("package", PACKAGES)
def test_a_class_name_stands_once_in_a_package(package: str) -> None:
    places: dict[str, list[str]] = {}
    for name in modules():
        if name.split(".")[0] == package:
            for node in ast.walk(tree(name)):
                if isinstance(node, ast.ClassDef):
                    places.setdefault(node.name, []).append(name)
    assert {cls: where for cls, where in places.items() if len(where) > 1} == {}


def is_participle(word: str) -> bool:
    """Whether a word is a past participle, by its form."""
    return word in IRREGULAR or (len(word) > 4 and word.endswith("ed") and word not in NOUNS)


def names_a_state(name: str) -> bool:
    """Whether a name begins or ends with a past participle: `evaluated`, `looked_at`, `Told`."""
    words = [word.lower() for word in re.split(r"_|(?<=[a-z])(?=[A-Z])", name.strip("_"))]
    if words[0] in VERBS | {"is", "are", "has", "was", "needs"}:
        return False
    return is_participle(words[-1]) or (is_participle(words[0]) and words[-1] in PREPOSITIONS)


def test_no_module_class_or_public_function_is_a_past_participle() -> None:
    wrong = [name for name in modules() if is_participle(name.rpartition(".")[2])]
    for name in modules():
        for node in tree(name).body:
            if (
                isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef)
                and not node.name.startswith("_")
                and names_a_state(node.name)
                and not (isinstance(node, ast.ClassDef) and is_exception(node))
            ):
                wrong.append(f"{name}.{node.name}")
    assert wrong == []


def is_exception(node: ast.ClassDef) -> bool:
    """Whether a class is an error by its base's name: `Unsupported(EngineError)` names a state."""
    bases = {base.id for base in node.bases if isinstance(base, ast.Name)}
    return any(base.endswith(("Error", "Exception")) for base in bases)


def test_long_calls_name_their_arguments() -> None:
    wrong = [
        f"{name}:{node.lineno}"
        for name in modules()
        for node in ast.walk(tree(name))
        if isinstance(node, ast.Call) and len(node.args) > MAX_POSITIONAL
    ]
    assert wrong == []


def test_records_of_more_than_five_fields_are_keyword_only() -> None:
    wrong = []
    for name in modules():
        for node in ast.walk(tree(name)):
            if not isinstance(node, ast.ClassDef):
                continue
            fields = [item for item in node.body if isinstance(item, ast.AnnAssign)]
            fields = [item for item in fields if "ClassVar" not in ast.unparse(item.annotation)]
            for position, item in enumerate(fields):  # the others follow `_: KW_ONLY`
                if ast.unparse(item.annotation).endswith("KW_ONLY"):
                    fields = fields[:position]
                    break
            options = [
                *node.keywords,
                *(
                    word
                    for call in node.decorator_list
                    if isinstance(call, ast.Call)
                    for word in call.keywords
                ),
            ]
            names = {ast.unparse(item) for item in (*node.bases, *node.decorator_list)}
            record = any("dataclass" in text or "Struct" in text for text in names)
            if record and len(fields) > 5 and not any(word.arg == "kw_only" for word in options):
                wrong.append(f"{name}.{node.name}")
    assert wrong == []


def test_the_formatter_is_hardly_ever_switched_off() -> None:
    switches = [
        f"{name}: {line.strip()}"
        for name, path in modules().items()
        for line in path.read_text(encoding="utf-8").splitlines()
        if "# fmt:" in line
    ]
    assert len(switches) <= MAX_FORMATTER_SWITCHES, switches


def test_commands_are_short() -> None:
    wrong = {}
    for name in modules():
        if not name.startswith("zoo.cli"):
            continue
        for node in ast.walk(tree(name)):
            if isinstance(node, ast.FunctionDef):
                first = node.body[1 if ast.get_docstring(node) and len(node.body) > 1 else 0]
                lines = (node.end_lineno or 0) - first.lineno + 1
                if lines > MAX_COMMAND_LINES:
                    wrong[f"{name}.{node.name}"] = lines
    assert wrong == {}


@pytest.mark.parametrize("package", PACKAGES)
def test_a_package_shows_few_entries(package: str) -> None:
    entries = {path.name for path in (ROOT / package).iterdir()} - {"__pycache__", "py.typed"}
    assert len(entries) <= MAX_ENTRIES[package], sorted(entries)


def test_every_module_says_what_it_does() -> None:
    texts = {name: ast.get_docstring(tree(name)) for name in modules()}
    assert [name for name, text in texts.items() if not text or "TODO" in text] == []
