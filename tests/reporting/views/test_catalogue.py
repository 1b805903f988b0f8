from collections.abc import Callable

import msgspec
import pytest

from zoo.model_index.findings import Finding, Verdict
from zoo.model_index.ledger.evidence import slug
from zoo.model_index.ledger.store import Evidence
from zoo.reporting.views.catalogue import NOT_MEASURED, Catalogue, Zoo
from zoo.reporting.views.names import slugs


def test_slugs_are_safe_and_different() -> None:
    made = slugs(
        ["A", "a", "index", "README", "../../etc/passwd", "x" * 300, "..", "", "a/b", "a?b"]
    )
    assert len(set(made)) == len(made) and all(name == name.lower() for name in made)
    assert not {"index", "readme"} & {name.lower() for name in made}
    assert all("/" not in name and not name.startswith(".") and len(name) < 120 for name in made)
    assert slugs(["dpn98"]) == ["dpn98"]


def test_no_two_slugs_are_one_file_on_a_system_that_ignores_capitals() -> None:
    assert slugs(["ResNet18"]) == ["resnet18"]
    made = slugs(["ResNet18", "resnet18", "RESNET18", "caf\u00e9", "cafe\u0301", "Café"])
    assert made[1] == "resnet18" and len({name.lower() for name in made}) == len(made)
    assert all(name.isascii() and name == name.lower() for name in made)


@pytest.mark.parametrize(
    "name", ["CON", "nul.json", "aux", "COM1", "lpt9.onnx", "com0.tar.gz", "prn"]
)
def test_no_slug_is_a_device_of_windows(name: str) -> None:
    (made,) = slugs([name])
    assert made.startswith("model-") and made != slugs([f"model-{name}"])[0]
    assert slug(name).startswith("model-") and slug(name) != slug(f"model-{name}")


def test_names_that_begin_like_a_device_stay() -> None:
    names = ["console", "nullnet", "com10", "convnext", "auxnet.v1", "con-vit"]
    assert slugs(names) == [slug(name) for name in names] == names


def test_no_slug_is_the_name_of_another_ones_badge() -> None:
    assert slugs(["dpn98", "dpn98.svg", "dpn98.JSON", "a.b"]) == [
        "dpn98",
        "dpn98-svg",
        "dpn98-json",
        "a.b",
    ]


def test_every_claim_has_a_check(toy: Zoo) -> None:
    models = Catalogue.of(toy).models
    assert [len(model.checks) for model in models] == [9, 2, 0]
    assert {check.verdict for check in models[0].checks} == set(Verdict) - {Verdict.CONSISTENT}
    assert models[1].checks[0].finding.reason == NOT_MEASURED


def test_what_was_measured(toy: Zoo) -> None:
    first, _, last = Catalogue.of(toy).models
    assert (first.macs, first.parameters, str(first.input)) == (1_000_000, 12_345, "32x32 image")
    assert (last.macs, last.parameters, last.input, last.documents) == (None, None, None, ())


def test_a_finding_about_no_claim_of_the_index_is_kept(toy: Zoo) -> None:
    claim = toy.index.entries[0].claims[0]
    other = msgspec.structs.replace(claim, model="net20")
    zoo = Zoo(
        index=toy.index,
        findings=(Finding(claim=other, verdict=Verdict.MISMATCH, reason="builds another model"),),
        evidence={},
        primary={},
    )
    assert Catalogue.of(zoo).models[1].checks[-1].finding.reason == "builds another model"


def test_two_entries_of_one_name_have_two_pages(zoo_of: Callable[[str], Zoo]) -> None:
    pages = [
        model.page
        for model in Catalogue.of(zoo_of("Models: [{Name: a}, {Name: a}, {Name: A}]")).models
    ]
    assert pages == ["models/a.md", "models/a-2.md", "models/a-559aea.md"]


def test_multiply_adds_come_from_the_trace_and_an_incomplete_one_gives_none(toy: Zoo) -> None:
    key = toy.primary[toy.index.entries[0].place]
    evidence = toy.evidence[key]

    def macs(**changes: object) -> int | None:
        changed = msgspec.structs.replace(evidence, values={**evidence.values, **changes})
        return (
            Catalogue.of(
                Zoo(index=toy.index, findings=(), evidence={key: changed}, primary=toy.primary)
            )
            .models[0]
            .macs
        )

    assert macs(macs=7) == 1_000_000
    assert macs(trace=None) is None
    assert macs(trace=evidence.values["trace"] | {"uncounted": ["conv4d"]}) is None


def test_two_entries_of_one_name_keep_their_own_measurements(
    zoo_of: Callable[[str], Zoo], counted: Callable[..., Evidence]
) -> None:
    index = zoo_of(
        "Models:\n- {Name: a, Builder: 'timm:b'}\n- {Name: a, Builder: 'timm:c'}\n- {Name: a}\n"
    ).index
    made = {
        entry.place: counted(entry, macs, 5)
        for entry, macs in zip(index.entries, (10, 20), strict=False)
    }
    evidence = {document.cell.key: document for document in made.values()}
    models = Catalogue.of(
        Zoo(
            index=index,
            findings=(),
            evidence=evidence,
            primary={place: d.cell.key for place, d in made.items()},
        )
    ).models
    assert [model.macs for model in models] == [10, 20, None]


TASKS = """\
Models:
- {Name: a, Metadata: {Tasks: [Image Classification]}}
- {Name: b, Metadata: {Tasks: [Object Detection, Image Classification]}}
- {Name: c}
"""


def test_models_and_families_by_task(zoo_of: Callable[[str], Zoo]) -> None:
    catalogue = Catalogue.of(zoo_of(TASKS))
    names = {task: [model.name for model in models] for task, models in catalogue.tasks.items()}
    assert names == {
        "Image Classification": ["a", "b"],
        "Object Detection": ["b"],
        "": ["c"],
    }
    assert catalogue.many_tasks and not catalogue.many_zoos
    (family,) = catalogue.families
    assert catalogue.families_of("Image Classification") == [family]
    assert catalogue.families_of("Object Detection") == []
