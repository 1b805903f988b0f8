"""Ways to construct a model, the cheapest first: none of its weights are needed to count it.

On the meta device nothing is allocated. A constructor that reads the values of tensors cannot run
there: it runs on the CPU, while each parameter goes to meta as it is registered. Where a
constructor reads its parameters too, all of the model is allocated, up to a limit.
"""

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from dataclasses import replace
from typing import TYPE_CHECKING, Any, NamedTuple

from zoo.model_index.ledger.evidence import Construction
from zoo.models.builders.base import BuildError, BuiltModel, TooLarge
from zoo.models.builders.forms import is_mergeable
from zoo.models.builders.meta import MetaMemo, is_plain, move_to_meta
from zoo.models.memory_errors import describe_exception, is_memory_error

if TYPE_CHECKING:
    import torch
    from torch import nn

    Form = Callable[[nn.Module], nn.Module]

GIB = 1 << 30
MEMORY = 4 * GIB  # bytes of parameters and buffers that a constructor may allocate
SEED = 0  # of a constructor on the CPU, so that a model made of random numbers is always the same
INITIALISERS = frozenset(
    "normal_ uniform_ trunc_normal_ kaiming_normal_ kaiming_uniform_ xavier_normal_ "
    "xavier_uniform_ orthogonal_ constant_ ones_ zeros_ fill_ zero_ erfinv_ clamp_ mul_ "
    "add_".split()
)
# What another way of construction cannot mend.
FINAL = (BuildError, ImportError, OSError)


class Way(NamedTuple):
    """A way to construct a model: `allocate` says where its tensors go, given the memo of those on
    meta and the limit in bytes. With `move_first` all of it is on meta before it takes its form."""

    name: str
    allocate: Callable[[MetaMemo, int], AbstractContextManager[None]]
    move_first: bool = True


def construct(
    name: str, make: Callable[[], BuiltModel], form: "Form", memory: int = MEMORY
) -> BuiltModel:
    """Make the model that is called `name`, in the first way in which that works, and move it to
    meta in a form.

    `memory` limits the bytes of parameters and buffers that are allocated.

    Raises:
        TooLarge: it takes more memory.
        BuildError: the constructor raises an exception in every way; the message has that of the
            CPU.
    """
    reasons: list[str] = []
    for way in WAYS:
        try:
            return _construct(way, make, form, memory, reasons)
        except TooLarge as error:
            raise TooLarge(f"{name}: {error}{_describe(reasons)}") from error
        except FINAL:
            raise
        # a constructor may raise anything
        except Exception as error:
            if is_memory_error(error):
                raise TooLarge(
                    f"{name} raised {describe_exception(error)}{_describe(reasons)}"
                ) from error
            last, reasons = error, [*reasons, describe_exception(error)]
    others = [reason for reason in reasons[:1] if reason != reasons[-1]]
    raise BuildError(f"{name} raised {reasons[-1]}{_describe(others)}") from last


def _construct(
    way: Way, make: Callable[[], BuiltModel], form: "Form", memory: int, reasons: list[str]
) -> BuiltModel:
    memo = MetaMemo()
    with way.allocate(memo, memory):
        built = make()
        registry = built.registry | {"mergeable": is_mergeable(built.model)}
        if way.move_first:
            move_to_meta(built.model, memo)
        model = move_to_meta(form(built.model), memo)
    limit = memory if way is WAYS[-1] else None
    construction = Construction(way.name, limit, reasons[0] if reasons else "")
    return replace(built, model=model, registry=registry, construction=construction)


def _describe(reasons: list[str]) -> str:
    """Return what the constructor raised on meta, as the end of a message."""
    return f" (on the CPU; on the meta device {reasons[0]})" if reasons else ""


@contextmanager
def _on_meta(memo: MetaMemo, memory: int) -> Iterator[None]:
    import torch

    with torch.device("meta"), _skip_initialisers():
        yield


@contextmanager
def _parameters_on_meta(memo: MetaMemo, memory: int) -> Iterator[None]:
    from torch.nn.modules import module

    def move(owner: "nn.Module", name: str, parameter: "nn.Parameter") -> "nn.Parameter":
        return memo.convert(parameter)  # type: ignore[return-value]

    handle = module.register_module_parameter_registration_hook(move)  # type: ignore[arg-type]
    try:
        with _same_numbers(), limit_allocation(memory), _skip_initialisers():
            yield
    finally:
        handle.remove()


@contextmanager
def _on_cpu(memo: MetaMemo, memory: int) -> Iterator[None]:
    with _same_numbers(), limit_allocation(memory):
        yield


# On the CPU a form may read values as well, so the model takes it before it moves.
WAYS = (
    Way("meta", _on_meta),
    Way("parameters on meta", _parameters_on_meta),
    Way("cpu", _on_cpu, move_first=False),
)


@contextmanager
def _skip_initialisers() -> Iterator[None]:
    """Skip the random initialisation of what is on meta: it is half of the time of a build."""
    import torch
    from torch.overrides import TorchFunctionMode

    owners = (torch.Tensor, torch.nn.init)
    skipped = {getattr(owner, name, None) for owner in owners for name in INITIALISERS}

    class SkipInitialisers(TorchFunctionMode):
        def __torch_function__(
            self, func: Any, types: Any, args: Any = (), kwargs: Any = None
        ) -> Any:
            if func in skipped:
                first = args[0] if args else (kwargs or {}).get("tensor")
                if getattr(first, "is_meta", False):
                    return first
            return func(*args, **(kwargs or {}))

    with SkipInitialisers():
        yield


@contextmanager
def _same_numbers() -> Iterator[None]:
    """Give a constructor the same random numbers at every build, and the process back its own."""
    import torch

    with torch.random.fork_rng(devices=()):
        torch.manual_seed(SEED)
        yield


@contextmanager
def limit_allocation(memory: int) -> Iterator[None]:
    """Limit the bytes of the parameters and buffers that are registered and not on meta; shared
    memory counts once, and what was released does not."""
    from torch.nn.modules import module
    from torch.utils.weak import WeakIdKeyDictionary

    sizes: Any = WeakIdKeyDictionary()
    total = 0

    def add(owner: "nn.Module", name: str, tensor: "torch.Tensor | None") -> None:
        nonlocal total
        if tensor is None or tensor.is_meta or not is_plain(tensor):
            return
        storage = tensor.untyped_storage()
        if storage not in sizes:
            sizes[storage] = storage.nbytes()
            total += sizes[storage]
        if total > memory and (total := sum(sizes.values())) > memory:
            raise TooLarge(
                f"its parameters and buffers take more than {memory / GIB:.3g} GiB of memory; "
                "--memory-limit allows more"
            )

    handles = (
        module.register_module_parameter_registration_hook(add),
        module.register_module_buffer_registration_hook(add),
    )
    try:
        yield
    finally:
        for handle in handles:
            handle.remove()
