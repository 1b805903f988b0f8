"""What a person names to be counted: a model of a library, own code, a file of weights.

What a person types is trusted: its code runs. What an index names is not, without `--trust`.
"""

import importlib.util
import os
import re
import shlex
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from zoo.model_index.errors import UsageError
from zoo.model_index.records.input_spec import InputSpec
from zoo.model_index.records.place import Place
from zoo.model_index.records.records import Builder
from zoo.models import builders, search_path
from zoo.models.libraries import LIBRARIES
from zoo.models.registry_entries import find_library

SOURCE = ".py"
INDEXES = (".yml", ".yaml", ".md", ".csv")  # of files that hold no weights
MODULE = re.compile(r"[^\W\d]\w*(\.[^\W\d]\w*)*")


@dataclass(frozen=True, slots=True, kw_only=True)
class Target:
    """A model to count: what was typed, its builder, and where its code lies.

    `file` is a source file that its module is loaded from, or a file of weights where there is no
    `builder`. `note` is a line about where a bare name was found. `trusted` are the
    packages whose code may run, None for what a person typed;
    `input` is what an index states, at `input_place`.
    """

    text: str
    builder: Builder | None = None
    file: Path | None = None
    note: str = ""
    trusted: tuple[str, ...] | None = None
    input: InputSpec | None = None
    input_place: Place | None = None

    def hint_at_input(self, typed: bool) -> str:
        """Say where the input of the model is stated, unless a person typed it, or how to state
        it."""
        if self.input_place and not typed:
            return f"it stands at {self.input_place}"
        return "--input states another, such as --input '512 tokens'"

    def trusted_packages(self, package: str) -> tuple[str, ...]:
        """Return the packages whose code may run: that of the builder, where a person typed it."""
        return (package,) if self.trusted is None else self.trusted

    def share(self) -> tuple[str, ...]:
        """Let the processes that count import what was typed; return the packages that may run."""
        if self.builder is None or self.trusted is not None:
            return self.trusted or ()
        package = builders.package(self.builder)
        if self.builder.kind == "callable":
            search_path.extend([*search_path.folders(), str(self.folder)], [package])
        return (package,)

    @property
    def folder(self) -> Path:
        """The folder that own code is imported from: that of its file, else the working folder."""
        return self.file.parent if self.file else Path()

    @contextmanager
    def importable(self) -> Iterator[None]:
        """Make own code importable inside the block: the named package from the working folder, or
        the named file; what else lies there takes no installed package's place."""
        if self.builder is None or self.builder.kind != "callable":
            yield
            return
        module = self.builder.name.partition(":")[0]
        path, finders = sys.path.copy(), sys.meta_path.copy()
        try:
            if self.file:
                search_path.extend([str(self.file.parent)], ())
                _load(self.file, module)
            elif self.trusted is None:
                search_path.extend([os.curdir], [module])
            yield
        finally:
            sys.path[:], sys.meta_path[:] = path, finders


def parse_target(text: str) -> Target | None:
    """Return the target of a name that says what it is; None for a bare name of a model.

    Raises:
        UsageError: a file that does not exist, or a source file without a name in it.
    """
    library, _, name = text.partition(":")
    if library in LIBRARIES and name:
        return Target(text=text, builder=Builder(library, name))
    path, _, attribute = text.rpartition(":")
    if path.endswith(SOURCE) or text.endswith(SOURCE):
        return _parse_source(text, path if path.endswith(SOURCE) else text, attribute)
    if os.path.isfile(text):
        if Path(text).suffix.lower() in INDEXES:
            raise _no_model(text, "file of an index")
        return Target(text=text, file=Path(text))
    if path and attribute and MODULE.fullmatch(path) and MODULE.fullmatch(attribute):
        return Target(text=text, builder=Builder("callable", text))
    if name and MODULE.fullmatch(library):  # a kind that an installed package brings
        return Target(text=text, builder=Builder("callable", text))
    if os.sep in text:
        if os.path.isdir(text):
            raise _no_model(text, "folder")
        raise UsageError(f"{text}: no such file")
    return None


def _no_model(path: str, kind: str) -> UsageError:
    option = f"--index {shlex.quote(path)}"
    return UsageError(
        f"{path} is a {kind} and no model: zoo verify {option} checks the models in it"
    )


def _parse_source(text: str, path: str, attribute: str) -> Target:
    if not os.path.isfile(path):
        raise UsageError(f"{path}: no such file")
    if path == text:
        raise UsageError(f"{text}: name the class or function in it: {text}:Net")
    module = re.sub(r"\W", "_", Path(path).stem)
    builder = Builder("callable", f"{module}:{attribute}")
    return Target(text=text, builder=builder, file=Path(path))


def _load(file: Path, name: str) -> None:
    """Load a source file as a module of this name; one of the same name elsewhere gives way to it.

    Raises:
        UsageError: the file does not load.
    """
    loaded = sys.modules.get(name)
    if loaded and str(getattr(loaded, "__file__", "")) == str(file.resolve()):
        return
    spec = importlib.util.spec_from_file_location(name, file.resolve())
    if spec is None or spec.loader is None:
        raise UsageError(f"{file}: cannot be loaded")
    module = importlib.util.module_from_spec(spec)
    sys.modules[name] = module
    try:
        spec.loader.exec_module(module)
    except (Exception, SystemExit) as error:
        if loaded:
            sys.modules[name] = loaded
        else:
            del sys.modules[name]
        raise UsageError(f"{file} raised {type(error).__name__}: {error}") from error


def resolve_name(text: str) -> Target:
    """Return the target of any name; a bare one is looked up in timm, then in torchvision.

    Raises:
        UsageError: no such model, or a file that does not exist.
    """
    return parse_target(text) or look_up(text)


def look_up(name: str) -> Target:
    """Return a model of timm or of torchvision by its bare name.

    Raises:
        UsageError: neither has it; close names are suggested.
    """
    try:
        library, note = find_library(name)
    except UsageError:
        if os.path.isdir(name):
            raise _no_model(name, "folder") from None
        raise
    return Target(text=name, builder=Builder(library, name), note=note)
