"""Write what the look-up of a language's site finds beside models: pages, tasks, families,
quantities, causes, publishers, machines; and whole numbers.

The index of the builder has the words of pages that people wrote. Pages of models and families are
not in it, so it does not grow with models; names of models are in `downloads/names.json`. A script
reads each file once somebody searches, and that of numbers once somebody looks for one.
"""

import json
import re
from collections.abc import Iterable, Iterator, Sequence
from decimal import Decimal
from urllib.parse import quote

from zoo.reporting.i18n.gettext import N_, _, n_, speaking
from zoo.reporting.i18n.vocabulary import tasks_of
from zoo.reporting.pages.base import File, Site
from zoo.reporting.pages.columns import Column
from zoo.reporting.pages.families import group_families, task_anchor
from zoo.reporting.pages.table_columns import columns
from zoo.reporting.text.escape import replace_invisible
from zoo.reporting.views.catalogue import Catalogue, Family
from zoo.reporting.views.cause_kinds import KINDS
from zoo.reporting.views.claim_lines import Counts, counts_of, quantity_label
from zoo.reporting.views.finding_rows import FindingRow, list_rows
from zoo.reporting.views.machines import machines
from zoo.reporting.views.measured_quantities import MEASURED
from zoo.reporting.views.standing_counts import count_by

ROWS, NUMBERS = "assets/generated/search.json", "assets/generated/numbers.json"
Row = list[object]  # title, address, what it is, other words, a line about it
# Pages that every site has, whose address is the title: other words, a line about it.
PAGES = (
    (N_("Models"), "table list", N_("All models, with limits and columns")),
    (N_("Findings"), "errors mistakes wrong", N_("Every wrong number, the worst first")),
    (N_("Families"), "collections", N_("What is published beside what was measured")),
    (N_("Explore"), "plot chart pareto frontier", N_("Accuracy against cost, in a plot")),
    (N_("Compare"), "versus difference", N_("Up to four models side by side")),
    (N_("Coverage"), "unknown unchecked", N_("What is checked, and why the rest is not")),
    (N_("Changes"), "history news feed", N_("What changed, and when")),
    (N_("Machines"), "hardware cpu gpu latency 延迟 硬件", N_("What latencies were measured on")),
)
# Other words for quantities, by the keys of columns and claims; both languages.
SYNONYMS = {
    "macs": "MACs GMACs FLOPs multiply-adds 计算量 乘加运算 浮点运算",
    "flops": "FLOPs GFLOPs MACs 计算量 浮点运算",
    "parameters": "params weights size 参数量 参数",
    "top1": "top-1 acc@1 accuracy 准确率 精度",
    "top5": "top-5 acc@5 accuracy 准确率 精度",
    "inference_time": "latency speed 延迟 时延 推理时间",
    "latency": "latency speed inference time 延迟 时延 推理时间",
    "throughput": "images per second speed 吞吐量 速度",
    "file_size": "checkpoint bytes 文件大小",
    "image_size": "input resolution 输入尺寸 分辨率",
    "memory": "memory bytes 内存 显存",
}
LEAST_DIGITS = 5  # of a number that is looked up by its digits
DIGITS = re.compile(r"\d")


def files(site: Site) -> Iterator[File]:
    """Yield both files, in the language of the site."""
    with speaking(site.settings.language):
        yield File(ROWS, _lines(rows(site)))
        yield File(NUMBERS, _lines(number_rows(site.catalogue)))


def _lines(listed: Iterable[Row]) -> str:
    """Return rows as JSON, a row a line."""
    texts = (json.dumps(row, ensure_ascii=False, separators=(",", ":")) for row in listed)
    return "[\n" + ",\n".join(texts) + "\n]\n"


def _row(title: str, address: str, what: str, words: Iterable[str] = (), line: str = "") -> Row:
    clean = replace_invisible
    others = [clean(word) for word in dict.fromkeys(words) if word and word != title]
    return [clean(title), address, what, others, clean(line)]


def rows(site: Site) -> Iterator[Row]:
    """Yield all that has a page or a part of one, but for models."""
    catalogue = site.catalogue
    for title, words, line in PAGES:
        yield _row(_(title), f"{title.lower()}/", _("Page"), [title, *words.split()], _(line))
    for task, families in group_families(catalogue):
        if task:
            count = n_("%(count)s family", "%(count)s families", len(families))
            yield _row(tasks_of(task), f"families/#{task_anchor(task)}", _("Task"), [task], count)
    yield from map(_family_row, catalogue.families)
    found = list_rows(catalogue)
    yield from _quantity_rows(site, found)
    yield from _cause_rows(found)
    for machine in machines(site.records):
        address = f"{machine.page.removesuffix('.md')}/"
        yield _row(machine.title, address, _("Machine"), [machine.name], machine.summary)


def _family_row(family: Family) -> Row:
    full = family.collection.text("full name") if family.collection else None
    count = n_("%(count)s model", "%(count)s models", len(family.models))
    line = ", ".join([count, *_wrong(counts_of(family))])
    address = f"{family.page.removesuffix('.md')}/"
    return _row(family.name, address, _("Family"), [full or ""], line)


def _wrong(counts: Counts) -> list[str]:
    return [_("%(count)s wrong", count=counts.wrong)] if counts.wrong else []


def _quantity_rows(site: Site, found: Sequence[FindingRow]) -> Iterator[Row]:
    """Yield a row for each column that can be sorted, which leads to the sorted table or to the
    plot, and one for each quantity that is claimed."""
    for column in columns(site):
        if column.axis:
            yield _column_row(column)
    checks = ((check.claim.quantity, "", check) for _model, check in site.catalogue.checks)
    quantities = {check.claim.quantity: check.claim.row for _m, check in site.catalogue.checks}
    listed = {row.check.claim.quantity for row in found}
    for named in count_by(checks):
        row = quantities[named.name]
        there = f"findings/?quantity={named.name}" if named.name in listed else "coverage/"
        count = n_("%(count)s published number", "%(count)s published numbers", named.counts.total)
        line = ", ".join([count, *_wrong(named.counts)])
        words = [row.label, named.name, *_synonyms(named.name)]
        yield _row(quantity_label(row), there, _("Published numbers"), words, line)


def _column_row(column: Column) -> Row:
    there = f"models/?sort={column.key}" if column.listed and not column.board else ""
    words = [column.label, column.key, *_synonyms(column.key.partition("-")[0])]
    return _row(
        _(column.label),
        there or f"explore/?y={column.key}",
        _("Quantity"),
        words,
        column.setup or (column.note if column.note_is_text else _(column.note)),
    )


def _synonyms(key: str) -> list[str]:
    return SYNONYMS.get(key, "").split()


def _cause_rows(found: Sequence[FindingRow]) -> Iterator[Row]:
    """Yield the kinds of causes and the publishers that have findings."""
    for kind in KINDS:
        number = sum(row.kind is kind for row in found)
        if number:
            count = n_("%(count)s finding", "%(count)s findings", number)
            line = f"{count}: {_(kind.meaning)}"
            yield _row(_(kind.label), "findings/#by-cause", _("Cause"), [kind.label], line)
    for publisher in sorted({row.line.publisher for row in found}, key=str.casefold):
        number = sum(row.line.publisher == publisher for row in found)
        count = n_("%(count)s finding", "%(count)s findings", number)
        yield _row(publisher, f"findings/?publisher={quote(publisher)}", _("Publisher"), (), count)


def number_rows(catalogue: Catalogue) -> Iterator[Row]:
    """Yield a row for each number of many digits that is claimed or was counted."""
    for model in catalogue.models:
        page = f"models/{model.slug}/"
        for quantity in MEASURED:
            value = quantity.value(model)
            if value is not None and len(str(value)) >= LEAST_DIGITS:
                yield _row(model.name, page, _(quantity.label), [str(value)], _("measured"))
        for check in model.checks:
            digits = "".join(DIGITS.findall(check.claim.raw))
            if isinstance(check.claim.value, Decimal) and len(digits) >= LEAST_DIGITS:
                label = f"{quantity_label(check.claim.row)}, {check.claim.publisher}"
                there = f"{page}#{check.anchor}"
                yield _row(model.name, there, label, [digits], _(check.finding.standing))
