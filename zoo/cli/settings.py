"""Give commands the settings of the folder: an option that is not typed has the setting's value."""

import inspect
import os
import shlex
from collections.abc import Callable, Collection, Mapping
from contextlib import suppress
from contextvars import ContextVar
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from zoo.cli.output.console import MANNER, say, say_note

if TYPE_CHECKING:
    from zoo.model_index.errors import UnknownModel
    from zoo.model_index.settings.record import Settings, Values

BuilderPath = Annotated[
    list[str] | None,
    typer.Option(
        "--path",
        metavar="DIR",
        help="Import trusted packages from this folder first. May be repeated.",
    ),
]
TrustSettings = Annotated[
    bool,
    typer.Option(
        "--trust-settings",
        help="Obey settings that let code run, as after `zoo trust`.",
    ),
]
Quiet = Annotated[
    bool, typer.Option("--quiet", "-q", help="Print results and errors only: no notes.")
]
Verbose = Annotated[
    bool, typer.Option("--verbose", "-v", help="Print more: paths, keys of evidence, times.")
]
NoColor = Annotated[
    bool, typer.Option("--no-color", help="Print without colours, as with NO_COLOR=1.")
]
ADDED = {"path": (BuilderPath, None), "trust_settings": (TrustSettings, False)}
# Options of every command.
MANNERS = {"quiet": (Quiet, False), "verbose": (Verbose, False), "no_color": (NoColor, False)}
# Parameters of commands that are keys of the settings.
KEYS = ("index", "trust", "path", "ledger", "ignore")
SINGLE = frozenset({"ledger", "baseline"})
BASELINES = {"verify": "baseline", "lint": "lint-baseline"}  # by command
# Parameters that stand for another: where one is typed, that one's setting is not used.
INSTEAD = {"index": ("paths", "sources"), "baseline": ("write_baseline",)}

_note: ContextVar[str] = ContextVar("note", default="")


def with_settings(command: Callable[..., None]) -> Callable[..., None]:
    """Return the command with the settings as defaults of its options; add `--trust-settings`,
    beside `--trust` `--path`, and what every command has: `--quiet`, `--verbose`, `--no-color`."""
    own = dict(inspect.signature(command).parameters)
    keys = {name: name for name in KEYS if name in own}
    if "trust" in own:
        keys["path"] = "path"
    if command.__name__ in BASELINES:
        keys["baseline"] = BASELINES[command.__name__]

    def run(context: typer.Context, **values: Any) -> None:
        MANNER.quiet, MANNER.verbose = values["quiet"], values["verbose"]
        MANNER.color = not values["no_color"]
        if keys:
            sources = {name: context.get_parameter_source(name) for name in values}
            typed = {
                name for name, source in sources.items() if source and source.name != "DEFAULT"
            }
            values |= _defaults(keys, typed, trust_settings=values["trust_settings"])
        if values.get("path"):
            from zoo.models import search_path

            search_path.extend(values["path"], values["trust"] or ())
        command(**{name: values[name] for name in own})

    parameters = _list_parameters(own, keys)
    run.__name__, run.__doc__ = command.__name__, command.__doc__
    run.__signature__ = inspect.Signature(parameters)  # type: ignore[attr-defined]
    run.__annotations__ = {parameter.name: parameter.annotation for parameter in parameters}
    return run


def _list_parameters(
    own: Mapping[str, inspect.Parameter], keys: Collection[str]
) -> list[inspect.Parameter]:
    """Return the parameters of a command with those that are added to it."""
    kind = inspect.Parameter.KEYWORD_ONLY
    added = {name: row for name, row in ADDED.items() if keys and (name != "path" or name in keys)}
    return [
        inspect.Parameter("context", kind, annotation=typer.Context),
        *(parameter.replace(kind=kind) for parameter in own.values()),
        *(
            inspect.Parameter(name, kind, default=default, annotation=annotation)
            for name, (annotation, default) in (added | MANNERS).items()
            if name not in own
        ),
    ]


def print_note() -> None:
    """Print on standard error, once, which index is used where none was typed."""
    if text := _note.get():
        _note.set("")
        say_note(text)


def explain_unknown(error: "UnknownModel") -> str:
    """Return the message about a name that the index does not have: whether it is a path, or a
    model of the embedded zoo."""
    from zoo.model_index.errors import UnknownModel
    from zoo.model_index.load import EMBEDDED, load

    name, hint = error.name, ""
    if os.path.exists(name):
        kind = "folder" if os.path.isdir(name) else "file"
        option = f"--index {shlex.quote(name)}"
        return (
            f"{name} is a {kind}: did you mean {option}? (no model of this name in {error.index})"
        )
    elif error.index != EMBEDDED:
        with suppress(UnknownModel):
            load().select([name])
            hint = "the embedded zoo has it, --index demo"
    return f"no model {name!r}: {hint} (none in {error.index})" if hint else str(error)


def find_index_paths() -> list[str]:
    """Return the paths of the index of this folder, as a command uses it where none is typed; none
    for the embedded one.

    Raises: UsageError, IndexFaults: as a command.
    """
    return list(_defaults({"index": "index"}, (), trust_settings=False).get("index", ()))


def _defaults(
    keys: Mapping[str, str], typed: Collection[str], *, trust_settings: bool
) -> dict[str, Any]:
    """Return the values of options that were not typed: those of the settings, and the index that
    is found.

    Raises: UsageError, IndexFaults: unreadable settings, or an index that leads out of their
        folder.
    """
    from zoo.model_index.settings.find import find_settings

    free = {
        name: key
        for name, key in keys.items()
        if not {name, *INSTEAD.get(name, ())}.intersection(typed)
    }
    settings = find_settings(Path())
    if settings and not trust_settings:
        settings = _obeyed(settings, free.values())
    defaults: dict[str, Any] = {}
    for name, key in free.items():
        if settings and (texts := settings.resolve(key)):
            defaults[name] = texts[0] if name in SINGLE else list(texts)
    _note.set("")
    if "index" in free:
        defaults |= _index(settings, defaults)
    return defaults


def _index(settings: "Settings | None", defaults: Mapping[str, Any]) -> dict[str, Any]:
    """Return the index where none was typed, and note it."""
    from zoo.model_index.settings.find import find_index

    if settings and "index" in defaults:
        names = [path for path in defaults["index"] if not path.startswith(("!", "@"))]
        _note.set(f"index: {', '.join(names)} ({settings.name})")
        return {}
    if index := find_index(Path()):
        where = f"{settings.name} names none" if settings else "no settings"
        _note.set(f"index: {index} ({where}; the nearest)")
        added = settings.list_additions() if settings else ()
        return {"index": list(dict.fromkeys((index, *added)))}
    if settings and settings.pages:
        _note.set(f"index: {', '.join(settings.pages)} ({settings.name})")
        return {"index": list(settings.list_additions())}
    _note.set("index: demo (the embedded zoo; no other index here)")
    return {}


def _obeyed(settings: "Settings", keys: Collection[str]) -> "Settings":
    """Return the settings without values that a person has to allow and has not; name them."""
    from zoo.model_index.errors import UsageError
    from zoo.model_index.settings.consent import Consents, is_allowed, read_consents
    from zoo.model_index.settings.read import fault_of

    withheld = {key: texts for key, texts in settings.list_restricted().items() if key in keys}
    if not withheld:
        return settings
    consents = Consents()
    try:
        consents = read_consents()
    except UsageError as error:
        say(f"zoo: {error}", error=True)
    if is_allowed(settings, consents):
        return settings
    if "index" in withheld:  # another index in its place would be a wrong answer
        expected = f"paths in {settings.folder}, or `zoo trust` before"
        raise fault_of(settings, "index", expected, withheld["index"][0])
    say(f"zoo: {settings.name}: {_describe(withheld)}", error=True)
    return settings.without(withheld)


def _describe(withheld: "Values") -> str:
    names = ", ".join(f"{key} ({', '.join(texts)})" for key, texts in withheld.items())
    return f"not obeyed: {names}; `zoo trust` shows and allows it"
