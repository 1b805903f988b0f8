"""Write Python code that a reader can copy: use a model on an image, extract features, fine-tune,
train, evaluate and export it.

One factory for each snippet writes it from the builder of the index. A snippet is complete: it runs
with the files that it names. `zoo.reporting.snippets.commands` has the commands of `zoo`.
"""

from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass

from zoo.reporting.i18n.gettext import N_, _
from zoo.reporting.snippets.parts import (
    NoSnippet,
    Recipe,
    Subject,
    create_call,
    create_lines,
    greyscale,
    imports,
    join_parts,
    literal,
    load_weights,
    replace_head,
    side,
    transform,
    transform_import,
)

__all__ = ["Recipe", "Snippet", "Subject", "literal", "snippets"]

FOLDERS = ("import torch", "from torchvision.datasets import ImageFolder")
TRANSFORMS = "from torchvision import transforms"
CLASSIFIER = "torch.nn.Linear(head.in_features, len(data.classes))"
# arguments of train.py by the recipe's field
ARGUMENTS = {
    "learning_rate": "lr",
    "momentum": "momentum",
    "weight_decay": "weight-decay",
    "batch_size": "batch-size",
    "epochs": "epochs",
}


@dataclass(frozen=True, slots=True)
class Snippet:
    """One block of code under its heading; `command` runs the saved code, where it takes
    arguments."""

    heading: str
    intro: str
    code: str
    language: str = "python"
    command: str = ""


def snippets(subject: Subject) -> list[Snippet]:
    """Return all snippets that can be written; none for a builder that has no code."""
    try:
        use(subject)
    except NoSnippet:
        return []
    written = []
    for heading, intro, make in FACTORIES:
        if subject.quantized and make not in (use, evaluate):
            continue
        command = training_command(subject.recipe) if make is train else ""
        with suppress(NoSnippet):
            written.append(Snippet(_(heading), _(intro), make(subject), command=command))
    return written


def training_command(recipe: Recipe) -> str:
    """Write the command that trains with the settings of the index."""
    stated = [
        f"--{name} {getattr(recipe, field)}"
        for field, name in ARGUMENTS.items()
        if field in recipe.recorded
    ]
    return " ".join(["python train.py --data train", *stated])


def use(subject: Subject) -> str:
    """Write code that prints the five likeliest classes of an image."""
    needed = ("import torch", "from PIL import Image", *transform_import(subject))
    columns = "{index.item():4d}"
    names = ""
    if subject.timm:
        subset = 'timm.data.infer_imagenet_subset(model) or "imagenet-1k"'
        names = f"names = timm.data.ImageNetInfo({subset})\n"
        columns += "  {names.index_to_description(index.item())}"
    return join_parts(
        imports(subject, *needed),
        create_lines(subject),
        transform(subject),
        """
        image = transform(Image.open("image.jpg").convert("RGB")).unsqueeze(0)
        with torch.inference_mode():
            probabilities = model(image).softmax(dim=-1)[0]
        """,
        names + "for probability, index in zip(*probabilities.topk(5)):\n"
        f'    print(f"{{probability:7.2%}}  {columns}")\n',
    )


def features(subject: Subject) -> str:
    """Write code for the vector before the classifier and, with timm, the map before pooling."""
    if subject.timm:
        return join_parts(
            imports(subject, "import torch"),
            f"model = {create_call(subject, 'num_classes=0')}.eval()  # no classifier",
            """
            size = timm.data.resolve_model_data_config(model)["input_size"]
            images = torch.randn(2, *size)  # your images, transformed as above

            with torch.inference_mode():
                maps = model.forward_features(images)  # before pooling
                vectors = model(images)  # pooled, one vector an image
            print(maps.shape, vectors.shape)
            """,
        )
    return join_parts(
        imports(subject, "import torch"),
        create_lines(subject),
        replace_head("torch.nn.Identity()"),
        f"""
        size = {subject.recipe.pipeline.input}
        images = torch.randn(2, *size)  # your images, transformed as above
        with torch.inference_mode():
            vectors = model(images)  # what the classifier would have seen
        print(vectors.shape)
        """,
    )


def fine_tune(subject: Subject) -> str:
    """Write code that trains new classes, from a folder of images a class."""
    if subject.timm:
        start = [f"model = {create_call(subject, f'num_classes={subject.classes}')}"]
    else:
        start = [f"model = {create_call(subject)}\n{load_weights(subject)}"]
        start += [replace_head(f"torch.nn.Linear(head.in_features, {subject.classes})")]
    data = 'ImageFolder("train", transform)'
    batch, epochs = min(subject.recipe.batch_size, 32), min(subject.recipe.epochs, 5)
    return join_parts(
        imports(subject, *FOLDERS, *transform_import(subject)),
        *start,
        transform(subject, training=True),
        f"""
        loader = torch.utils.data.DataLoader({data}, batch_size={batch}, shuffle=True)
        optimizer = torch.optim.AdamW(model.parameters(), lr=1e-4, weight_decay=0.01)

        model.train()
        for epoch in range({epochs}):
            for images, labels in loader:
                loss = torch.nn.functional.cross_entropy(model(images), labels)
                optimizer.zero_grad()
                loss.backward()
                optimizer.step()
            print(f"epoch {{epoch}}: loss {{loss.item():.3f}}")
        torch.save(model.state_dict(), "fine-tuned.pth")
        """,
    )


def train(subject: Subject) -> str:
    """Write code that trains from random weights; its arguments default to the index's settings."""
    recipe, pipeline = subject.recipe, subject.recipe.pipeline
    settings = {name: getattr(recipe, field) for field, name in ARGUMENTS.items()}
    setup = (
        f"model = {create_call(subject, 'num_classes=len(data.classes)', fresh=True)}",
        *(() if subject.timm else (replace_head(CLASSIFIER),)),
        f"optimizer = {_optimizer(recipe)}\nscheduler = {_scheduler(recipe)}",
    )
    return join_parts(
        imports(subject, "import argparse", *FOLDERS, TRANSFORMS, loads=False),
        f"""
        parser = argparse.ArgumentParser()
        parser.add_argument("--data", default="train")
        for name, value in {literal(settings)}.items():
            parser.add_argument(f"--{{name}}", type=type(value), default=value)
        given = parser.parse_args()
        """,
        f"""
        transform = transforms.Compose([{greyscale(pipeline)}
            transforms.RandomResizedCrop({side(pipeline)}),
            transforms.RandomHorizontalFlip(),
            transforms.ToTensor(),
            transforms.Normalize({pipeline.mean}, {pipeline.std}),
        ])
        data = ImageFolder(given.data, transform)
        loader = torch.utils.data.DataLoader(data, batch_size=given.batch_size, shuffle=True)
        """,
        *setup,
        f"""
        model.train()
        for epoch in range(given.epochs):
            for images, labels in loader:
                loss = torch.nn.functional.cross_entropy(model(images), labels{_smoothing(recipe)})
                optimizer.zero_grad()
                loss.backward()
                optimizer.step()
            scheduler.step()
            print(f"epoch {{epoch}}: loss {{loss.item():.3f}}")
        torch.save(model.state_dict(), "trained.pth")
        """,
    )


def _optimizer(recipe: Recipe) -> str:
    momentum = ", momentum=given.momentum" if recipe.optimizer in ("SGD", "RMSprop") else ""
    nesterov = ", nesterov=True" if recipe.optimizer == "SGD" and recipe.nesterov else ""
    arguments = "model.parameters(), lr=given.lr, weight_decay=given.weight_decay"
    return f"torch.optim.{recipe.optimizer}(\n    {arguments}{momentum}{nesterov}\n)"


def _scheduler(recipe: Recipe) -> str:
    if recipe.step_size:
        arguments = f"optimizer, step_size={recipe.step_size}, gamma={recipe.gamma!r}"
        return f"torch.optim.lr_scheduler.StepLR({arguments})"
    return "torch.optim.lr_scheduler.CosineAnnealingLR(optimizer, T_max=given.epochs)"


def _smoothing(recipe: Recipe) -> str:
    return f", label_smoothing={recipe.label_smoothing!r}" if recipe.label_smoothing else ""


def evaluate(subject: Subject) -> str:
    """Write code for top-1 and top-5 on a folder of images a class."""
    return join_parts(
        imports(subject, *FOLDERS, *transform_import(subject)),
        create_lines(subject),
        transform(subject),
        """
        data = ImageFolder("val", transform)  # folders in the order of the model's classes
        loader = torch.utils.data.DataLoader(data, batch_size=64)

        right = {1: 0, 5: 0}
        with torch.inference_mode():
            for images, labels in loader:
                top = model(images).topk(5).indices
                for k in right:
                    right[k] += (top[:, :k] == labels[:, None]).any(dim=1).sum().item()
        for k, number in right.items():
            print(f"top-{k}: {number / len(data):.2%} of {len(data)} images")
        """,
    )


def export(subject: Subject) -> str:
    """Write code that exports ONNX and torch.export's archive, for any batch size."""
    return join_parts(
        imports(subject, "import torch"),
        create_lines(subject),
        f"""
        images = torch.randn(2, {subject.recipe.pipeline.input})
        batch = torch.export.Dim("batch")
        program = torch.export.export(model, (images,), dynamic_shapes=({{0: batch}},))
        torch.export.save(program, "model.pt2")
        torch.onnx.export(program, f="model.onnx", dynamo=True)
        print("model.pt2 and model.onnx are written")
        """,
    )


def deploy(subject: Subject) -> str:
    """Write code that runs the exported file in onnxruntime, without torch.

    Pillow and numpy compute what torchvision's transforms do, so the classes are those of `use`.
    """
    pipeline = subject.recipe.pipeline
    if not pipeline.plain:
        raise NoSnippet(f"Pillow has no crop {pipeline.mode!r} of {pipeline.size}")
    (height, width), mode = pipeline.size, "L" if pipeline.channels == 1 else "RGB"
    resized = pipeline.resized
    sides = f"sides = {resized[1]}, {resized[0]}"
    if pipeline.mode != "squash":
        short = f"int({resized[0]} * side / min(image.size))"
        sides = f"sides = [{short} for side in image.size]"
    return join_parts(
        "import numpy\nimport onnxruntime\nfrom PIL import Image",
        f"""
        image = Image.open("image.jpg").convert("{mode}")
        {sides}
        image = image.resize(sides, Image.Resampling.{pipeline.interpolation.upper()})
        left, top = round((sides[0] - {width}) / 2), round((sides[1] - {height}) / 2)
        image = image.crop((left, top, left + {width}, top + {height}))

        pixels = numpy.asarray(image, numpy.float32).reshape({height}, {width}, -1) / 255
        mean, std = {literal(pipeline.mean)}, {literal(pipeline.std)}
        images = ((pixels - mean) / std).transpose(2, 0, 1)[None].astype(numpy.float32)
        """,
        """
        session = onnxruntime.InferenceSession("model.onnx", providers=["CPUExecutionProvider"])
        (scores,) = session.run(None, {session.get_inputs()[0].name: images})

        shares = numpy.exp(scores[0] - scores[0].max())
        shares /= shares.sum()
        for index in shares.argsort()[:-6:-1]:
            print(f"{shares[index]:7.2%}  {index:4d}")
        """,
    )


FACTORIES: tuple[tuple[str, str, Callable[[Subject], str]], ...] = (
    (N_("Use it on an image"), N_("Prints the five likeliest classes of `image.jpg`."), use),
    (N_("Extract features"), N_("Gives what the network sees before it names a class."), features),
    (N_("Fine-tune it"), N_("Expects one folder of images a class below `train/`."), fine_tune),
    (
        N_("Train it from scratch"),
        N_(
            "Uses the settings of the recipe where the index states them, usual ones otherwise. "
            "Saved as `train.py`, it runs by `python train.py`."
        ),
        train,
    ),
    (N_("Evaluate it"), N_("Expects one folder of images a class below `val/`."), evaluate),
    (N_("Export it"), N_("Writes `model.onnx` and `model.pt2`, for any batch size."), export),
    (
        N_("Deploy it"),
        N_("Runs the exported `model.onnx` with onnxruntime and without torch."),
        deploy,
    ),
)
