"""The numbers on top of a model's page, each with its standing: accuracy, cost, latency, input."""

from collections.abc import Iterator
from dataclasses import dataclass

from zoo.model_index.findings import Standing
from zoo.model_index.quantities.show import human
from zoo.model_index.records.input_spec import InputSpec
from zoo.reporting.i18n.gettext import _, n_
from zoo.reporting.text.escape import one_line
from zoo.reporting.views.benchmarks import BENCHMARK, Record, milliseconds, records
from zoo.reporting.views.catalogue import Check, Model
from zoo.reporting.views.claim_lines import claim_line, usable_check
from zoo.reporting.views.model_page.headline import headline_check


@dataclass(frozen=True, slots=True)
class Tile:
    """A number with its unit and standing; `words` say where it is from."""

    label: str
    number: str
    unit: str
    standing: Standing
    words: str


def tiles(model: Model) -> list[Tile]:
    """Return the tiles of a model, at most five. A model that nothing here can build has those that
    somebody states, and the size of its file."""
    shown = [*_accuracy(model), *_work(model), *_parameters(model), *_latency(model)]
    shown += [*_input(model)]
    if model.entry.builder.makes_models:
        return shown[:5]
    return [*(tile for tile in shown if tile.number != _missing()), *_file_size(model)][:5]


def _missing() -> str:
    return _("not measured")


def _split(text: str) -> tuple[str, str]:
    """Separate a number from its unit: `11.67 GMACs`."""
    number, _space, unit = text.partition(" ")
    return number, unit


def _accuracy(model: Model) -> Iterator[Tile]:
    check = headline_check(model)
    if check is None:
        return
    line = claim_line(model, check)
    dataset = one_line(check.claim.dataset or "")
    label = line.quantity
    if dataset and dataset not in label:
        label = _("%(metric)s, %(dataset)s", metric=label, dataset=dataset)
    number, unit = _split(line.use or line.published)
    yield Tile(label, number, unit or check.claim.row.unit, *_standing_of(check, right=_("right")))


def _standing_of(check: Check, right: str) -> tuple[Standing, str]:
    """Return the standing of the number that a tile takes from a claim, in words."""
    standing = check.finding.standing
    if standing is Standing.UNKNOWN:
        words = _("unknown, as %(publisher)s says", publisher=one_line(check.claim.publisher))
        return standing, words
    return Standing.RIGHT, right if standing is Standing.RIGHT else _("measured")


def _measured(label: str, value: int, unit: str) -> Tile:
    number, prefix = _split(human(value))
    return Tile(label, number, f"{prefix}{unit}", Standing.RIGHT, _("measured"))


def _claimed(model: Model, quantity: str, label: str, because: str) -> Tile:
    """Return what a publisher states where nothing was measured; else that it is not known."""
    check = usable_check(model, quantity)
    if check is None or (model.another and check.finding.standing is not Standing.RIGHT):
        return Tile(label, _missing(), "", Standing.UNKNOWN, because)
    line = claim_line(model, check)
    text = line.use or line.published
    return Tile(label, *_split(text), *_standing_of(check, right=_("right")))


def _because(model: Model) -> str:
    if model.another:
        return _("another model is built")
    if model.uncounted or (model.trace and model.macs is None):
        return _("the count is incomplete")
    if model.unbuilt_guess:
        return _("no builder is named")
    if model.evidence:
        return _("measuring failed")
    return _("unknown")


def _work(model: Model) -> Iterator[Tile]:
    if model.macs is not None and not model.uncounted:
        yield _measured(_("Multiply-adds"), model.macs, "MACs")
    else:
        yield _claimed(model, "flops", _("FLOPs"), _because(model))


def _parameters(model: Model) -> Iterator[Tile]:
    if model.parameters is not None:
        yield _measured(_("Parameters"), model.parameters, "")
    else:
        yield _claimed(model, "parameters", _("Parameters"), _because(model))


def _latency(model: Model) -> Iterator[Tile]:
    best = fastest(model)
    if best is not None and best.benchmark is not None:
        label = _("Latency, batch size %(batch)s", batch=best.batch)
        number = milliseconds(best.benchmark.seconds)
        words = _("measured, %(machine)s", machine=best.machine)
        yield Tile(label, number, "ms", Standing.RIGHT, words)
        return
    reported = sum(check.claim.row.check == BENCHMARK for check in model.checks)
    words = _("nobody states it")
    if reported:
        words = n_("%(count)s claim, unknown", "%(count)s claims, unknown", reported)
    yield Tile(_("Latency"), _missing(), "", Standing.UNKNOWN, words)


def fastest(model: Model) -> Record | None:
    """Return the measured latency of one input that is the shortest; None without one."""
    measured = [
        record
        for record in records(model)
        if record.benchmark is not None and record.mode == "latency" and record.batch == 1
    ]
    seconds = {id(record): record.benchmark.seconds for record in measured if record.benchmark}
    return min(measured, key=lambda record: seconds[id(record)], default=None)


def _input(model: Model) -> Iterator[Tile]:
    spec = model.input or model.entry.stated_input
    if spec is None:
        return
    number, unit = _size_and_kind(spec)
    check = usable_check(model, "image_size")
    is_own = model.input is not None and not model.another
    words = _("as counted") if is_own else _("as the index says")
    standing = Standing.RIGHT if is_own else Standing.UNKNOWN
    if check and check.finding.standing is Standing.RIGHT:
        standing, words = Standing.RIGHT, _("right")
    yield Tile(_("Input"), number, unit, standing, words)


def _size_and_kind(spec: InputSpec) -> tuple[str, str]:
    """Return `224×224` and `px`, `16×112×112` and `clip`; of several parts all in one text."""
    if spec.is_image:
        return spec.show().replace("x", "×"), _("px")
    text = str(spec)
    size, kind = _split(text)
    if "," in text or not size[:1].isdigit():
        return text, ""
    return size.replace("x", "×"), kind


def _file_size(model: Model) -> Iterator[Tile]:
    check = usable_check(model, "file_size")
    if check is not None:
        line = claim_line(model, check)
        text = line.use or line.published
        yield Tile(_("File size"), *_split(text), *_standing_of(check, right=_("right")))
