"""Model cards: read by `huggingface_hub`'s own loader, equal to what was written, and holding facts
only."""

from collections.abc import Callable
from dataclasses import replace
from decimal import Decimal
from pathlib import Path

import pytest
import yaml
from huggingface_hub import EvalResult, ModelCard
from huggingface_hub.repocard_data import model_index_to_eval_results
from markdown_it import MarkdownIt

from zoo.model_index.findings import Finding, Verdict
from zoo.model_index.load import load
from zoo.reporting.cards.card import card
from zoo.reporting.views.catalogue import Catalogue, Zoo

ZooOf = Callable[[str], Zoo]
ONE = """\
Library: {{Name: Acme, Docs: 'https://acme.example/'}}
Models:
- Name: m
  {more}
  Results:
  - Task: Image Classification
    Dataset: {dataset}
    Metrics: {metrics}
"""
HOSTILE = (
    "--- \n---\n# <script>alert(1)</script> [x](javascript:a) ![y](http://e.x/i.png) `c` | *d* "
    "<!-- z --> www.e.x @me $x$ \x1b]0;o\x07 ```\n- q\n1. w\n---\nlicense: mit"
)


def card_of(zoo: Zoo, name: str, **options: bool) -> str:
    catalogue = Catalogue.of(zoo)
    return card(
        catalogue, next(model for model in catalogue.models if model.name == name), **options
    )


def one(
    zoo_of: ZooOf,
    more: str = "",
    dataset: str = "ImageNet",
    metrics: str = "{Top 1 Accuracy: 71.50%}",
) -> str:
    return card_of(zoo_of(ONE.format(more=more, dataset=dataset, metrics=metrics)), "m")


def front(text: str) -> dict:
    return yaml.safe_load(text.split("\n---\n")[0].removeprefix("---\n"))


def headings(text: str) -> list[str]:
    return [line.removeprefix("## ") for line in text.splitlines() if line.startswith("## ")]


def check(text: str) -> ModelCard:
    """The card as `huggingface_hub` reads it, which must write again what it has read."""
    read = ModelCard(text)
    assert read.data.to_dict() == front(text)
    again = ModelCard(read.content)
    assert (again.data.to_dict(), again.text) == (read.data.to_dict(), read.text)
    return read


def test_the_front_matter(toy: Zoo) -> None:
    read = check(card_of(toy, "net10"))
    assert read.data.to_dict() == {
        "license": "mit",
        "library_name": "timm",
        "pipeline_tag": "image-classification",
        "tags": ["image-classification", "timm", "net"],
        "model-index": [
            {
                "name": "net10",
                "results": [
                    {
                        "task": {"type": "image-classification", "name": "Image Classification"},
                        "dataset": {"type": "imagenet", "name": "ImageNet"},
                        "metrics": [
                            {"type": "accuracy", "value": 71.5, "name": "Top 1 Accuracy"},
                            {"type": "accuracy", "value": 90.1, "name": "Top 5 Accuracy"},
                        ],
                        "source": {"url": "https://acme.example/models", "name": "Acme"},
                    }
                ],
            }
        ],
    }


def test_results_are_read_back_equal(toy: Zoo) -> None:
    text = card_of(toy, "net10")
    name, results = model_index_to_eval_results(front(text)["model-index"])
    expected = [
        EvalResult(
            "image-classification",
            "imagenet",
            "ImageNet",
            "accuracy",
            value,
            task_name="Image Classification",
            metric_name=label,
            source_name="Acme",
            source_url="https://acme.example/models",
        )
        for label, value in (("Top 1 Accuracy", 71.5), ("Top 5 Accuracy", 90.1))
    ]
    assert (name, results) == ("net10", expected)
    assert check(text).data.eval_results == expected


@pytest.mark.parametrize("name", [entry.name for entry in load().entries])
def test_every_embedded_model_has_a_card(name: str) -> None:
    index = load()
    read = check(card_of(Zoo(index=index, findings=(), evidence={}, primary={}), name))
    entry = next(entry for entry in index.entries if entry.name == name)
    first = next(claim.publisher for claim in entry.all_claims() if claim.row.metric)
    published = [
        float(c.number) for c in entry.all_claims() if c.row.metric and c.publisher == first
    ]
    assert [result.metric_value for result in read.data.eval_results or []] == published


def test_our_own_loader_reads_the_claims_back(toy: Zoo, tmp_path: Path) -> None:
    pytest.importorskip(
        "zoo.model_index.dialects.huggingface", reason="model cards are not read yet"
    )
    (tmp_path / "README.md").write_text(card_of(toy, "net10"), encoding="utf-8")
    (entry,) = load([tmp_path / "README.md"]).entries
    written = [claim for claim in toy.index.entries[0].claims if claim.row.metric]
    facts = [
        (c.label, c.value, c.dataset, c.publisher, c.source) for c in entry.claims if c.row.metric
    ]
    assert facts == [(c.label, c.value, c.dataset, c.publisher, c.source) for c in written]


def test_the_sections(toy: Zoo) -> None:
    text = card_of(toy, "net10")
    assert headings(text) == [
        "Model description",
        "Intended uses",
        "How to use",
        "Training procedure",
        "Evaluation results",
        "Size and cost",
        "Environment",
        "Citation",
    ]
    assert "First paragraph.\n\nSecond paragraph.\n\n- Family: Net (Networks)\n" in text
    assert "- Paper: [On Nets](<https://papers.example/1>)\n" in text
    assert 'timm.create_model("net10.v1", pretrained=True)' in text
    assert "| LR | 0.1 |\n| Warmup | 90 |\n| Training Techniques | SGD, Weight Decay |\n" in text
    assert (
        "| Image size | 32 | 32x32 |\n| Crop fraction |  | 0.9 |\n| Mean |  | 0.5, 0.5, 0.5 |\n"
        in text
    )
    assert "```bibtex\n@misc{net, title={On Nets}}\n```\n" in text
    assert (
        "- Software: torch 2.9.0\n- Machine: cpu toy\n- Measured: 2026-11-22T00:00:00+00:00\n"
        in text
    )


def test_numbers_stand_with_their_verdict(toy: Zoo) -> None:
    text = card_of(toy, "net10")
    acme, other = "[Acme](<https://acme.example/models>)", "[Other](<https://other.example/>)"
    assert (
        f"| FLOPs | {acme} | 2,000,000 operations | 1,000,000 operations | explained | 2x: twice "
        "gives the claim |\n"
        f"| Parameters | {acme} | 12,300 parameters | 12,345 parameters | rounded | rounds |\n"
    ) in text
    assert f"| FLOPs | {other} | 3,000,000 operations |  | unchecked | not measured yet |\n" in text
    assert (
        f"| Top 1 Accuracy | ImageNet | {other} | 72% | no | unchecked: not measured yet |\n"
        in text
    )


def test_what_nobody_knows_is_left_out(toy: Zoo) -> None:
    text = card_of(toy, "lone")
    assert front(text) == {"model_name": "lone"}
    assert headings(text) == ["Model description", "How to use"]
    assert "Built by: torchvision.models.densenet:DenseNet with growth\\_rate=4, name='6'\n" in text


def test_a_short_card_says_what_is_published_only(toy: Zoo) -> None:
    text = card_of(toy, "net10", short=True)
    assert headings(text) == [
        "Model description",
        "Intended uses",
        "Training procedure",
        "Evaluation results",
        "Size and cost",
        "Citation",
    ]
    assert front(text) == front(card_of(toy, "net10"))
    assert "| Parameters | [Acme](<https://acme.example/models>) | 12.3 k |\n" in text
    assert "unchecked" not in text and "12,345" not in text


def says_measured(
    zoo: Zoo, verdict: Verdict, measured: Decimal | None, evidence: tuple[str, ...]
) -> bool:
    """Whether the card of net10 says that its accuracy was measured, where this was found. No card
    says `verified`, which the Hub alone computes."""
    claim = next(claim for claim in zoo.index.entries[0].claims if claim.quantity == "top1")
    finding = Finding(
        claim=claim,
        verdict=verdict,
        reason="evaluated on 50,000 images",
        measured=measured,
        evidence=evidence,
    )
    text = card_of(replace(zoo, findings=(finding,)), "net10")
    assert "verified:" not in text and check(text).data.eval_results[0].verified is None
    return "| yes | exact: evaluated on" in text or "| yes | rounded: evaluated on" in text


@pytest.mark.parametrize("verdict", [Verdict.EXACT, Verdict.ROUNDED])
def test_an_accuracy_that_was_measured_is_said_to_be(toy: Zoo, verdict: Verdict) -> None:
    assert says_measured(toy, verdict, Decimal("71.5"), ("key",))


@pytest.mark.parametrize(
    ("verdict", "measured", "evidence"),
    [
        (Verdict.MISMATCH, Decimal(70), ("key",)),
        (Verdict.EXPLAINED, Decimal(70), ("key",)),
        (Verdict.UNCHECKED, None, ()),
        (Verdict.EXACT, None, ("key",)),
        (Verdict.EXACT, Decimal("71.5"), ()),
    ],
)
def test_nothing_else_is_said_to_be_measured(
    toy: Zoo, verdict: Verdict, measured: Decimal | None, evidence: tuple[str, ...]
) -> None:
    assert not says_measured(toy, verdict, measured, evidence)


def test_numbers_keep_their_digits_and_meaning(zoo_of: ZooOf) -> None:
    text = one(
        zoo_of,
        metrics="{Top 1 Accuracy: 71.50%, Top 5 Accuracy: 0.5%, mAP: 41.20, mIoU: 012, FPS: fast}",
    )
    assert "value: 71.50\n" in text and "value: 41.20\n" in text
    metrics = front(text)["model-index"][0]["results"][0]["metrics"]
    assert [(m["type"], m["value"]) for m in metrics] == [
        ("accuracy", 71.5),
        ("accuracy", "0.5%"),
        ("map", 41.2),
        ("miou", "012"),
        ("fps", "fast"),
    ]
    check(text)


def test_a_fraction_is_given_in_percent(zoo_of: ZooOf) -> None:
    assert "value: 71.5\n" in one(zoo_of, metrics="{Top 1 Accuracy: 0.715}")
    assert "value: 80\n" in one(zoo_of, metrics="{Top 1 Accuracy: 0.8}")


def test_a_data_set_keeps_its_identifier(zoo_of: ZooOf) -> None:
    described = "{Name: ImageNet, Type: ILSVRC/imagenet-1k, Split: validation}"
    text = one(zoo_of, "Metadata: {Training Data: [ILSVRC/imagenet-1k, My Photos]}", described)
    assert front(text)["model-index"][0]["results"][0]["dataset"] == {
        "type": "ILSVRC/imagenet-1k",
        "name": "ImageNet",
        "split": "validation",
    }
    assert front(text)["datasets"] == ["ILSVRC/imagenet-1k", "my-photos"]
    check(text)


def test_one_data_set_has_the_results_of_one_publisher(zoo_of: ZooOf) -> None:
    reported = (
        "[{Publisher: P, Source: 'https://p.example', Results: [{Task: T, Dataset: D, Metrics: "
        "{top1: 70}}]}]"
    )
    zoo = zoo_of(ONE.format(more=f"Reported: {reported}", dataset="ImageNet", metrics="{top1: 71}"))
    results = front(card_of(zoo, "m"))["model-index"][0]["results"]
    assert [(r["dataset"]["name"], r["source"]["name"]) for r in results] == [
        ("ImageNet", "Acme"),
        ("D", "P"),
    ]
    same = zoo_of(
        ONE.format(
            more=f"Reported: {reported}".replace("Dataset: D", "Dataset: ImageNet").replace(
                "Task: T", "Task: Image Classification"
            ),
            dataset="ImageNet",
            metrics="{top1: 71}",
        )
    )
    lost: list[tuple[str, str]] = []
    catalogue = Catalogue.of(same)
    text = card(
        catalogue, catalogue.models[0], count_loss=lambda name, why: lost.append((name, why))
    )
    assert [m["value"] for m in front(text)["model-index"][0]["results"][0]["metrics"]] == [71]
    assert lost == [
        ("top1", "in the card's text; the front matter has the first publisher's for the data set")
    ]
    assert "| top1 | ImageNet | [P](<https://p.example>) | 70% |" in text


def test_a_result_has_its_own_source(zoo_of: ZooOf) -> None:
    text = ONE.format(more="", dataset="ImageNet", metrics="{Top 1 Accuracy: 71}")
    text = card_of(
        zoo_of(text + "    Source: {Name: A board, URL: 'https://board.example/'}\n"), "m"
    )
    (result,) = front(text)["model-index"][0]["results"]
    assert result["source"] == {"name": "A board", "url": "https://board.example/"}
    assert (
        "| Top 1 Accuracy | ImageNet | [A board](<https://board.example/>) | 71% | no | "
        "unchecked: not"
    ) in text


def test_numbers_have_the_unit_of_their_label_and_their_conditions(zoo_of: ZooOf) -> None:
    times = "inference time (ms/im): [{value: 57.1, mode: FP32}, {value: 22, mode: FP16}]"
    zoo = zoo_of(
        "Library: {Name: Acme}\n"
        f"Models: [{{Name: m, Metadata: {{GMACs: 4.1, Params (M): 25.6, {times}}}}}]"
    )
    assert (
        "| FLOPs | Acme | 4.1 G |\n| Parameters | Acme | 25.6 M |\n"
        "| Inference Time | Acme | 57.1 ms (mode: FP32) |\n"
        "| Inference Time | Acme | 22 ms (mode: FP16) |\n"
    ) in card_of(zoo, "m", short=True)
    assert "| Inference Time | Acme | 57.1 ms (mode: FP32) |  |" in card_of(zoo, "m")


def test_metrics_keep_their_conditions(zoo_of: ZooOf) -> None:
    text = one(
        zoo_of,
        metrics="{Top 1 Accuracy: [{value: 71, mode: FP32}, {value: 70, mode: FP16}], AP: {value: "
        "3}}",
    )
    assert "| 71% (mode: FP32) | no |" in text and "| 70% (mode: FP16) | no |" in text
    metrics = front(text)["model-index"][0]["results"][0]["metrics"]
    assert [(m["name"], m["value"]) for m in metrics] == [
        ("Top 1 Accuracy", 71),
        ("Top 1 Accuracy", 70),
        ("AP", 3),
    ]


def test_a_model_wins_over_its_collection(zoo_of: ZooOf) -> None:
    text = (
        "Library: {Name: Acme}\n"
        "Collections: [{Name: C, Metadata: {FLOPs: 4 G}}]\n"
        "Models: [{Name: m, In Collection: C, Metadata: {GMACs: 1}}]"
    )
    text = card_of(zoo_of(text), "m", short=True)
    assert "| FLOPs | Acme | 1 G |\n" in text and "4 G" not in text


@pytest.mark.parametrize(
    ("stated", "expected"),
    [
        ("Apache 2.0", {"license": "apache-2.0"}),
        ("CC BY NC 4.0", {"license": "cc-by-nc-4.0"}),
        ("Our own", {"license": "other", "license_name": "Our own"}),
        ("https://a.example/l", {"license": "other", "license_link": "https://a.example/l"}),
    ],
)
def test_licences(zoo_of: ZooOf, stated: str, expected: dict[str, str]) -> None:
    data = front(one(zoo_of, f"License: '{stated}'"))
    assert {key: value for key, value in data.items() if key.startswith("license")} == expected


def test_uses_limitations_and_base_model_come_from_the_index(zoo_of: ZooOf) -> None:
    text = one(
        zoo_of,
        "Intended Uses: For *tests*.\n  Limitations: Knows nothing.\n  Base Model: timm/dpn98",
    )
    assert "## Intended uses\n\nFor \\*tests\\*.\n\n## Limitations\n\nKnows nothing.\n" in text
    assert front(text)["base_model"] == ["timm/dpn98"]


def test_weights_of_openmmlab_are_not_those_of_the_builder(zoo_of: ZooOf, toy: Zoo) -> None:
    zoo = zoo_of(ONE.format(more="Config: configs/m.py", dataset="ImageNet", metrics="{top1: 71}"))
    entry = zoo.index.entries[0]
    evidence = next(iter(toy.evidence.values()))
    zoo = replace(zoo, evidence={"k": evidence}, primary={entry.place: "k"})
    text = card_of(zoo, "m")
    assert "license" not in front(text) and "library_name" not in front(text)
    assert "How to use" not in headings(text) and "Preprocessing" not in text
    assert "- Config: configs/m.py\n" in text


def hostile(zoo_of: ZooOf) -> Catalogue:
    entry = {
        "Name": HOSTILE,
        "Builder": f"timm:{HOSTILE}",
        "In Collection": HOSTILE,
        "License": HOSTILE,
        "Code": HOSTILE,
        HOSTILE: HOSTILE,
        "Weights": [HOSTILE, "https://a.b/c|d&copy=1"],
        "Limitations": HOSTILE,
        "Publisher": HOSTILE,
        "Source": "https://e.x/`<b>",
        "Metadata": {
            "Architecture": [HOSTILE],
            "Tasks": [HOSTILE],
            "Training Data": [HOSTILE],
            HOSTILE: HOSTILE,
            "FLOPs": "1",
            "Interpolation": HOSTILE[:90],
        },
        "Results": [
            {
                "Task": HOSTILE,
                "Dataset": HOSTILE,
                "Metrics": {"Top 1 Accuracy": "70", HOSTILE: HOSTILE},
            }
        ],
        "Reported": [
            {"Publisher": HOSTILE, "Source": "javascript:alert(1)", "Metadata": {"FLOPs": "1"}}
        ],
    }
    collection = {
        "Name": HOSTILE,
        "Description": HOSTILE,
        "Citation": HOSTILE,
        "Full Name": HOSTILE,
        "Paper": {"Title": HOSTILE, "URL": "https://p.q/(x)"},
    }
    return Catalogue.of(zoo_of(yaml.safe_dump({"Collections": [collection], "Models": [entry]})))


def test_hostile_text_is_inert(zoo_of: ZooOf) -> None:
    catalogue = hostile(zoo_of)
    read = check(card(catalogue, catalogue.models[0]))
    assert read.data.model_name == HOSTILE and read.data.license == "other"
    tokens = MarkdownIt("commonmark").enable("table").parse(read.text)
    inline = [child for token in tokens for child in token.children or []]
    assert not [
        token
        for token in (*tokens, *inline)
        if token.type.startswith(("html", "image", "em", "strong"))
    ]
    assert {token.attrs["href"] for token in inline if token.type == "link_open"} == {
        "https://p.q/(x)",
        "https://a.b/c%7Cd&copy=1",
    }
    assert {token.content for token in inline if token.type == "code_inline"} == {
        "image.jpg",
        "train/",
    }
    assert [token.info for token in tokens if token.type == "fence"] == [
        "python",
        "python",
        "python",
        "bibtex",
    ]
    assert "ordered_list_open" not in {token.type for token in tokens}
    assert all(c.isprintable() or c == "\n" for c in read.text)
