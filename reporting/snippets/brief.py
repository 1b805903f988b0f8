"""Write the code that the first screen of a model's page shows: a few lines that run as printed."""

from contextlib import suppress

from zoo.model_index.records.input_spec import InputSpec
from zoo.reporting.snippets import inputs
from zoo.reporting.snippets.parts import (
    NoSnippet,
    Subject,
    create_call,
    create_lines,
    imports,
    join_parts,
    literal,
    transform,
    transform_import,
)

IMAGE = 'Image.open("image.jpg").convert("RGB")'


def brief(subject: Subject, spec: InputSpec | None, *, classifies: bool) -> str:
    """Return code that runs the model on an image, and prints the five likeliest classes where it
    names a class; on random tensors where it takes something else. "" where no code can be
    written.

    `spec` is what the model takes, None for an image of the usual size.
    """
    with suppress(NoSnippet):
        if classifies:
            return _classify(subject)
        if spec and subject.builder.kind == "torchvision" and _takes_an_image(spec):
            return _predict(subject, spec)
        return _call(subject, spec) if spec else ""
    return ""


def _takes_an_image(spec: InputSpec) -> bool:
    return spec.is_image or (len(spec.parts) == 1 and spec.parts[0].noun == "image list")


def _classify(subject: Subject) -> str:
    if subject.timm and not subject.recipe.pipeline.evaluated:
        head = "import timm, torch\nfrom PIL import Image"
        create = f"model = {create_call(subject)}.eval()\n{_flush(transform(subject))}"
    elif subject.builder.kind == "torchvision":
        head = imports(subject, "import torch", "from PIL import Image")
        create = _with_own_transform(subject)
    else:
        needed = ("from PIL import Image", *transform_import(subject))
        head = imports(subject, "import torch", *needed)
        create = f"{create_lines(subject)}{_flush(transform(subject))}"
    return join_parts(
        head,
        create,
        f"""
        with torch.inference_mode():
            scores = model(transform({IMAGE})[None])
        print(scores.softmax(-1).topk(5))
        """,
    )


def _predict(subject: Subject, spec: InputSpec) -> str:
    """Write code for torchvision's models that find objects or segment an image."""
    image = f"transform({IMAGE})"
    argument = f"[{image}]" if spec.listed else f"{image}[None]"
    return join_parts(
        imports(subject, "import torch", "from PIL import Image"),
        _with_own_transform(subject),
        f"""
        with torch.inference_mode():
            output = model({argument})
        print(output)
        """,
    )


def _call(subject: Subject, spec: InputSpec) -> str:
    return join_parts(
        imports(subject, "import torch"),
        f"{create_lines(subject)}{inputs.tensor_lines(subject, spec)}",
        f"""
        with torch.inference_mode():
            print(model({inputs.arguments(spec)}))
        """,
    )


def _with_own_transform(subject: Subject) -> str:
    """Write the lines that create a model of torchvision, and the transform of its weights."""
    name, _, weights = subject.builder.name.partition(".")
    of_weights = f"models.get_model_weights({literal(name)})[{literal(weights or 'DEFAULT')}]"
    return f"model = {create_call(subject)}.eval()\ntransform = {of_weights}.transforms()"


def _flush(lines: str) -> str:
    return join_parts(lines).rstrip("\n")
