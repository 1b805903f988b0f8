"""Write api.md: the reference of `import zoo`, from its docstrings.

The page is kept beside this file, so that a site is built without importing the project. A test
compares the two; `python docs/write_api.py` writes the page again.
"""

import ast
import inspect
import logging
from collections.abc import Iterator
from pathlib import Path

from griffe import Docstring, DocstringSectionKind

import zoo

PAGE = Path(__file__).with_name("api.md")
HEAD = """# Python

`import zoo` has the functions behind the commands. It imports torch only when a function needs it.

```python
import zoo

cost = zoo.count("timm:resnet50")
cost.macs, cost.parameters

findings = zoo.verify("model_index", models="dpn98")
findings.to_pandas()
```

Every result is a table: `to_dicts()` gives rows of plain values, `to_pandas()` a data frame (it
needs `pip install 'model-zoo-ledger[pandas]'`), and a notebook shows it. A known error is a
`zoo.ZooError`, whose text is the whole message. [The notebook](notebook.ipynb) counts a model,
checks the table of a paper and plots what was found.
"""
TABLES = {
    DocstringSectionKind.parameters: ("Argument", "Meaning"),
    DocstringSectionKind.attributes: ("Attribute", "Meaning"),
    DocstringSectionKind.raises: ("Raises", "When"),
}


def write_page() -> str:
    """Return the page: functions first, then classes and errors, each by name."""
    values = {name: getattr(zoo, name) for name in zoo.__all__ if name != "__version__"}
    functions = [name for name, value in values.items() if inspect.isfunction(value)]
    errors = [name for name, value in values.items() if _is_error(value)]
    classes = [name for name in values if name not in (*functions, *errors)]
    results = sorted({cls for name in functions if (cls := _result(values[name]))}, key=str)
    parts = [HEAD, "## Functions\n"]
    parts += (_describe(f"zoo.{name}", values[name]) for name in functions)
    parts.append("## Results\n")
    parts += (_describe(cls.__name__, cls) for cls in results)
    parts += (_describe(f"zoo.{name}", values[name]) for name in classes)
    parts.append("## Errors\n")
    parts.append("| Error | Meaning |\n| --- | --- |")
    parts += (f"| `zoo.{name}` | {_first(values[name])} |" for name in errors)
    return "\n".join(parts).rstrip() + "\n"


def _is_error(value: object) -> bool:
    return inspect.isclass(value) and issubclass(value, Exception)


def _result(function: object) -> type | None:
    """Return the class that a function returns, where it is one of ours."""
    annotation = inspect.get_annotations(function)["return"]  # type: ignore[arg-type]
    module = inspect.getmodule(function)
    result = getattr(module, annotation, None) if isinstance(annotation, str) else annotation
    return result if inspect.isclass(result) else None


def _first(value: object) -> str:
    return " ".join((inspect.getdoc(value) or "").partition("\n\n")[0].split())


def _describe(name: str, value: object) -> str:
    signature = _signature(value)
    heading = f"### {name}\n"
    code = f"\n```python\n{name}{signature}\n```\n" if signature else ""
    return heading + code + "\n" + "\n".join(_sections(value)) + "\n" + "\n".join(_members(value))


def _signature(value: object) -> str:
    """Return the arguments of a function as its source has them, one on a line where they are
    many."""
    if not inspect.isfunction(value):
        return ""
    definition = ast.parse(inspect.getsource(value)).body[0]
    assert isinstance(definition, ast.FunctionDef)
    arguments = definition.args
    defaults = [None] * (len(arguments.args) - len(arguments.defaults)) + list(arguments.defaults)
    lines = [_argument(*pair) for pair in zip(arguments.args, defaults, strict=True)]
    keywords = zip(arguments.kwonlyargs, arguments.kw_defaults, strict=True)
    lines += ["*"] * bool(arguments.kwonlyargs) + [_argument(*pair) for pair in keywords]
    result = f" -> {_annotation(definition.returns)}"
    text = f"({', '.join(lines)}){result}"
    return text if len(text) <= 70 else "(\n" + "".join(f"    {x},\n" for x in lines) + f"){result}"


def _argument(argument: ast.arg, default: ast.expr | None) -> str:
    value = "" if default is None else f" = {ast.unparse(default)}"
    return f"{argument.arg}: {_annotation(argument.annotation)}{value}"


def _annotation(node: ast.expr | None) -> str:
    if isinstance(node, ast.Constant) and isinstance(node.value, str):
        return node.value
    return "" if node is None else ast.unparse(node)


def _sections(value: object) -> Iterator[str]:
    docstring = Docstring(inspect.getdoc(value) or "")
    for section in docstring.parse("google", warnings=False, warn_unknown_params=False):
        if section.kind is DocstringSectionKind.text:
            yield f"{section.value}\n"
        elif section.kind is DocstringSectionKind.returns:
            yield "".join(f"Returns: {item.description}\n" for item in section.value)
        elif section.kind in TABLES:
            yield "| {} | {} |\n| --- | --- |".format(*TABLES[section.kind])
            for item in section.value:
                label = getattr(item, "name", None) or item.annotation
                yield f"| `{label}` | {' '.join(str(item.description).split())} |"
            yield ""


def _members(value: object) -> Iterator[str]:
    """Yield the public methods and properties that a class itself has, with their first lines."""
    if not inspect.isclass(value):
        return
    for name, member in vars(value).items():
        text = member.fget if isinstance(member, property) else member
        if name.startswith("_") or not (isinstance(member, property) or inspect.isfunction(member)):
            continue
        call = "()" if inspect.isfunction(member) else ""
        if first := _first(text):
            yield f"- `{name}{call}`: {first[0].lower()}{first[1:]}"
    yield ""


if __name__ == "__main__":
    logging.disable(logging.WARNING)
    PAGE.write_text(write_page(), encoding="utf-8")
