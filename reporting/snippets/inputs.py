"""Write Python code that gives a model what it takes: a clip, two images, a list, tokens, sound.

For models that name the class of an image `zoo.reporting.snippets.snippets` has more.
"""

from collections.abc import Callable, Iterator
from contextlib import suppress
from keyword import iskeyword

from zoo.model_index.records.input_spec import InputPart, InputSpec, InputTensor
from zoo.reporting.i18n.gettext import N_, _
from zoo.reporting.snippets.parts import (
    NoSnippet,
    Subject,
    create_lines,
    imports,
    join_parts,
)
from zoo.reporting.snippets.snippets import Snippet

# names that the code uses for something else
TAKEN = frozenset("model models output program show timm torch".split())
PAIR = ("first", "second")
SHOW = """
def show(name, value):
    if isinstance(value, torch.Tensor):
        print(name, tuple(value.shape))
    elif isinstance(value, (list, tuple)):
        for number, part in enumerate(value):
            show(f"{name}[{number}]", part)
    elif isinstance(value, dict):
        for key, part in value.items():
            show(f"{name}[{key!r}]", part)
    else:
        print(name, type(value).__name__)
"""


def input_snippets(subject: Subject, spec: InputSpec) -> list[Snippet]:
    """Return code that runs a model on its input, and that exports it where a graph can be."""
    written = []
    for heading, intro, make in FACTORIES:
        with suppress(NoSnippet):
            written.append(Snippet(_(heading), _(intro), make(subject, spec)))
    return written


def run(subject: Subject, spec: InputSpec) -> str:
    """Write code that runs the model and prints the shapes of what it returns."""
    return join_parts(
        imports(subject, "import torch"),
        SHOW,
        create_lines(subject),
        tensor_lines(subject, spec),
        f"""
        with torch.inference_mode():
            output = model({arguments(spec)})
        show("output", output)
        """,
    )


def export(subject: Subject, spec: InputSpec) -> str:
    """Write code that exports ONNX and torch.export's archive, for one batch size."""
    if spec.listed:
        raise NoSnippet("a graph takes no list")
    all_arguments = _arguments(spec)
    plain = [argument for argument in all_arguments if "=" not in argument]
    named = [argument for argument in all_arguments if "=" in argument]
    position = f"({', '.join(plain)}{',' if len(plain) == 1 else ''})"
    keyword = f", dict({', '.join(named)})" if named else ""
    return join_parts(
        imports(subject, "import torch"),
        create_lines(subject),
        tensor_lines(subject, spec),
        f"""
        program = torch.export.export(model, {position}{keyword})
        torch.export.save(program, "model.pt2")
        torch.onnx.export(program, f="model.onnx", dynamo=True)
        print("model.pt2 and model.onnx are written")
        """,
    )


def tensor_lines(subject: Subject, spec: InputSpec) -> str:
    """Return the lines that make the tensors, as text."""
    return "\n".join(_make_tensors(subject, spec))


def arguments(spec: InputSpec) -> str:
    """Return the arguments of the call as code: `tokens, attention_mask=mask`."""
    return ", ".join(_arguments(spec))


def _make_tensors(subject: Subject, spec: InputSpec) -> Iterator[str]:
    """Yield the lines that make the tensors, each part below what it is."""
    channels = subject.recipe.pipeline.channels
    for part, names in zip(spec.parts, _name_parts(spec), strict=True):
        yield f"# {part.kind.description}"
        tensors = part.tensors(channels)
        if part.kind.listed:
            made = ", ".join(map(_make_tensor, tensors))
            yield f"{names[0]} = [{made}]"
            continue
        for name, tensor in zip(names, tensors, strict=True):
            yield f"{name} = {_make_tensor(tensor)}"


def _make_tensor(tensor: InputTensor) -> str:
    """Write a tensor: noise; ones for masks, and for ids, since every table has the first two."""
    shape = ", ".join(map(str, tensor.shape))
    if tensor.dtype == "float" and tensor.fill == "noise":
        return f"torch.randn({shape})"
    if "float" in tensor.dtype:
        return f"torch.randn({shape}, dtype=torch.{tensor.dtype})"
    return f"torch.ones({shape}, dtype=torch.{tensor.dtype})"


def _name_parts(spec: InputSpec) -> list[tuple[str, ...]]:
    """Return the names of the variables of each part, no two alike.

    Raises:
        NoSnippet: an argument whose name Python's code cannot hold.
    """
    named: list[tuple[str, ...]] = []
    seen = set(TAKEN)
    for part in spec.parts:
        keyword = part.name or part.kind.keyword
        if keyword and (iskeyword(keyword) or not keyword.isascii()):
            raise NoSnippet(f"{keyword!r} cannot be written as an argument")
        bases = PAIR if part.noun == "image pair" else (part.name or _noun(part),)
        names = tuple(_free(base, seen) for base in bases)
        seen.update(names)
        named.append(names)
    return named


def _noun(part: InputPart) -> str:
    return "images" if part.kind.listed else part.noun.replace(" ", "_")


def _free(base: str, seen: set[str]) -> str:
    """Return a name that is not seen: `image`, `image_2`."""
    number, name = 1, base
    while name in seen:
        number += 1
        name = f"{base}_{number}"
    return name


def _arguments(spec: InputSpec) -> list[str]:
    """Return the arguments of the call: `tokens`, `attention_mask=mask`."""
    rows = []
    for part, names in zip(spec.parts, _name_parts(spec), strict=True):
        keyword = part.name or part.kind.keyword
        rows += [f"{keyword}={name}" if keyword else name for name in names]
    # a tensor by position after one by name is no Python
    return sorted(rows, key=lambda row: "=" in row)


FACTORIES: tuple[tuple[str, str, Callable[[Subject, InputSpec], str]], ...] = (
    (N_("Run it"), N_("Prints the shapes of what it returns. Put your data in."), run),
    (N_("Export it"), N_("Writes `model.onnx` and `model.pt2`, for one batch size."), export),
)
