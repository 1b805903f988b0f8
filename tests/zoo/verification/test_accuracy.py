"""Claims of accuracy against evaluations: by all images, by some, by another pipeline, or of
something else."""

from collections.abc import Callable
from decimal import Decimal
from typing import Any

import pytest

from zoo.model_index.findings import Finding, Verdict
from zoo.model_index.ledger.store import Cell, Evidence
from zoo.model_index.records.records import Builder, Claim, Entry
from zoo.models import builders
from zoo.verification.accuracy import compare_evaluations
from zoo.verification.applicability import gather_evaluations

TOY = """
Models:
- Name: toy
  Builder: timm:resnet18
  Metadata: {Image Size: 32, Crop Pct: 0.9}
  Weights: toy-0123abcd.pth
  Results:
  - Task: Image Classification
    Dataset: ImageNet
    Metrics: {Top 1 Accuracy: CLAIM, Top 5 Accuracy: 90%}
"""
PIPELINE = {
    "input_size": [3, 32, 32],
    "crop_pct": 0.9,
    "crop_mode": "center",
    "interpolation": "bicubic",
    "mean": [0.5, 0.5, 0.5],
    "std": [0.5, 0.5, 0.5],
    "resize": "pil",
}
VERSION = builders.version(Builder("timm", "resnet18"))
READ = Callable[[str], list[Entry]]


def document(
    right: int,
    seen: int = 50_000,
    bounds: tuple[int, int] | None = None,
    five: int | None = None,
    **changes: Any,
) -> Evidence:
    """The document of an evaluation with so many right answers; `changes` are of the pipeline or of
    the values."""
    pipeline = PIPELINE | {key: value for key, value in changes.items() if key in PIPELINE}
    low, high = bounds or (right, right)
    fifth = right if five is None else five
    values: dict[str, Any] = {
        "dataset": "ImageNet-1k",
        "split": "validation",
        "where": "images",
        "images": 50_000,
        "seen": seen,
        "top1": {"right": right, "low": low, "high": high},
        "top5": {"right": fifth, "low": fifth, "high": fifth},
        "level": 0.01,
        "tolerance": "0.5",
        "settings": {"image_size": "(32, 32)", "crop_pct": "0.9"},
        "own": pipeline == PIPELINE,
        "preprocessing": pipeline,
        "precision": "fp32",
        "device": "cpu",
        "weights": "toy-0123abcd.pth",
        "sha256": "0123abcd" * 8,
        "fit": "names",
        "resolved": "resnet18",
        "outputs": 1000,
        "labels": "by name",
        "predictions": "x.parquet",
    }
    values |= {key: value for key, value in changes.items() if key not in PIPELINE}
    conditions = {"preprocessing": pipeline, "precision": values["precision"]}
    cell = Cell(
        kind="eval",
        model="toy",
        builder="timm:resnet18",
        builder_version=VERSION,
        conditions=conditions,
        tool="test",
    )
    return Evidence(
        cell=cell,
        outcome="measured",
        values=values,
        started_at=changes.get("at", "2026-01-01T00:00:00"),
    )


def finding(
    read: READ, claim: str, *documents: Evidence, digests: dict[str, str] | None = None
) -> Finding | None:
    """What is said of the top-1 accuracy."""
    about = "toys" if any(each.values["dataset"] == "toys" for each in documents) else "ImageNet"
    [entry] = read(TOY.replace("CLAIM", claim).replace("ImageNet", about))
    stated = entry.claim("top1")
    assert isinstance(stated, Claim)
    return compare_evaluations(stated, gather_evaluations(entry, documents, digests or {}))


def said(read: READ, claim: str, *documents: Evidence) -> tuple[str, str]:
    found = finding(read, claim, *documents)
    assert found is not None
    return str(found.verdict), found.reason


def test_all_images_decide_to_the_last_digit(read: READ) -> None:
    counted = "40,079 of 50,000 images of ImageNet-1k validation are right"
    assert said(read, "80.158%", document(40_079)) == (
        "exact",
        f"{counted}: equal to the last digit",
    )
    assert said(read, "80.16%", document(40_079)) == (
        "rounded",
        f"{counted}, 80.158%, rounded to the claim's 4 digits",
    )
    assert said(read, "80.17%", document(40_079)) == (
        "mismatch",
        f"{counted}, 80.158%; the claim is 0.012 points off, within the tolerance of 0.5 points; "
        "`zoo eval toy --sensitivity` tries other pipelines",
    )
    assert said(read, "82%", document(40_079)) == (
        "mismatch",
        (
            f"{counted}, 80.158%; the claim is 1.842 points off; "
            "`zoo eval toy --sensitivity` tries other pipelines"
        ),
    )


def test_a_third_of_all_images_is_exact_only_where_the_digits_can_say_it(read: READ) -> None:
    third = document(1, seen=3, images=3, dataset="toys")
    assert said(read, "33.33%", third)[0] == "rounded"
    assert said(read, "33.3333%", third)[0] == "rounded"


def test_bounds_decide_where_they_are_on_one_side(read: READ) -> None:
    near = document(8016, 10_000, (39_900, 40_300))
    assert said(read, "80.2%", near) == (
        "consistent",
        "within 0.5 points: between 79.8% and 80.6%, 99% sure, "
        "by 10,000 of 50,000 images of ImageNet-1k validation in random order",
    )
    assert said(read, "80.5%", near) == (
        "unchecked",
        "undecided: between 79.8% and 80.6%, 99% sure, by 10,000 of 50,000 images of ImageNet-1k "
        "validation in random "
        "order; run `zoo eval toy` to continue",
    )
    assert said(read, "83%", near) == (
        "mismatch",
        "not within 0.5 points: between 79.8% and 80.6%, 99% sure, "
        "by 10,000 of 50,000 images of ImageNet-1k validation in random order",
    )


def test_bounds_that_touch_the_tolerance_hold(read: READ) -> None:
    exactly = document(8016, 10_000, (39_750, 40_250))
    assert said(read, "80%", exactly)[0] == "consistent"
    beyond = document(8016, 10_000, (39_749, 40_250))
    assert said(read, "80%", beyond)[0] == "unchecked"


def test_images_that_count_as_wrong_and_that_do_not_count_are_told(read: READ) -> None:
    counted = said(read, "80%", document(39_996, seen=49_995, images=49_995, unread=3, excluded=5))[
        1
    ]
    assert counted == (
        "39,996 of 49,995 images of ImageNet-1k validation are right (3 that could not be read "
        "count as wrong; "
        "5 have no label and do not count): equal to the last digit"
    )


def test_another_pipeline_explains_a_claim_that_it_gives(read: READ) -> None:
    bilinear = document(39_505, interpolation="bilinear")
    found = finding(read, "79.01%", document(40_079), bilinear, document(40_300, crop_pct=1.0))
    assert found is not None
    assert (found.verdict, found.cause, found.causes) == (
        Verdict.EXPLAINED,
        "other interpolation",
        ("other interpolation",),
    )
    assert found.reason == (
        "bilinear gives the claim: 39,505 of 50,000 images, 79.01%; as configured it is 80.158%"
    )
    assert (found.prediction, found.residual, found.wrong) == (
        Decimal("79.01"),
        Decimal(0),
        True,
    )
    assert found.use == Decimal("80.158")
    assert found.evidence == (document(40_079).cell.key, bilinear.cell.key)
    assert [h.label for h in found.tried][:2] == ["bilinear", "crop 1"]


def test_a_pipeline_explains_nothing_that_any_would(read: READ) -> None:
    """Of few images every accuracy is near some pipeline's: a fit of one image in 200 says
    little."""
    of_few = {"images": 200, "seen": 200, "dataset": "toys"}
    own, other = document(160, **of_few), document(161, **of_few, interpolation="bilinear")
    verdict, reason = said(read, "80.5%", own, other)
    assert verdict == "mismatch"
    assert reason.endswith(
        "; not explained: one of 3 pipelines may match by chance (candidate: bilinear)"
    )


def test_a_slip_explains_and_is_a_mistake(read: READ) -> None:
    found = finding(read, "19.84%", document(40_080))
    assert found is not None
    assert (found.verdict, found.cause, found.wrong) == (
        Verdict.EXPLAINED,
        "error for accuracy",
        True,
    )
    assert found.fails()


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        (
            {"settings": {"image_size": "(32, 32)", "crop_pct": "0.9", "mean": "0.5"}},
            "the index no longer states the mean that was evaluated",
        ),
        (
            {"crop_pct": 0.875, "own": True},
            "evaluated with another crop fraction than the index states",
        ),
        (
            {"sha256": "f" * 64, "weights": "other.pth", "named": True},
            "other.pth, SHA-256 ffffffff, is not known to be the weights that the index names",
        ),
        ({"stated": False}, "images is not known to be ImageNet; --dataset states it"),
        ({"excluded": 1, "given": "labels of a.json"}, "1 images are left out by labels of a.json"),
    ],
)
def test_evaluations_of_something_else_say_why(
    read: READ, change: dict[str, Any], reason: str
) -> None:
    assert said(read, "80%", document(40_000, **change)) == ("unchecked", reason)


def scoped(read: READ, dataset: str, *documents: Evidence) -> tuple[str, str]:
    """What is said of a claim of 80% on the data set, which is a mapping in YAML."""
    [entry] = read(TOY.replace("CLAIM", "80%").replace("Dataset: ImageNet", f"Dataset: {dataset}"))
    stated = entry.claim("top1")
    assert isinstance(stated, Claim)
    found = compare_evaluations(stated, gather_evaluations(entry, documents, {}))
    assert found is not None
    return str(found.verdict), found.reason


TRAIN = {"split": "train", "images": 1000, "seen": 1000}
SCOPES = [
    # the split of the claim, of the evaluation, the verdict
    ("{Name: ImageNet, Split: train}", TRAIN, "exact"),
    ("{Name: ImageNet, Split: training}", TRAIN, "exact"),
    ("ImageNet", TRAIN, "evaluated on the split train of ImageNet-1k; claims are about validation"),
    (
        "{Name: ImageNet, Split: val}",
        TRAIN,
        "evaluated on the split train of ImageNet-1k; the claim is about validation",
    ),
    (
        "{Name: ImageNet, Split: train}",
        {},
        "evaluated on the split validation of ImageNet-1k; the claim is about train",
    ),
    ("{Name: ImageNet, Split: val}", {}, "exact"),
    ("{Name: ImageNet, Split: validation}", {"split": None}, "exact"),
    (
        "{Name: toys, Split: test}",
        {"dataset": "toys", "split": None},
        "the claim is about the split test, and the split of images is not known; "
        "--split test states it",
    ),
    ("{Name: toys, Split: test}", {"dataset": "toys", "split": "test"}, "exact"),
    ("toys", {"dataset": "toys", "split": "test"}, "exact"),
    (
        "toys",
        {"dataset": "toys", "split": "train"},
        "evaluated on the split train of toys; the claim does not name that split",
    ),
    ("{Name: ImageNet, Config: default}", {}, "exact"),
    (
        "{Name: ImageNet, Config: 2012}",
        {},
        "the claim is about the config 2012 of ImageNet-1k, and images is not known to be that; "
        "--condition 'config=2012' states it",
    ),
    ("{Name: ImageNet, Config: 2012}", {"conditions": {"config": "2012"}}, "exact"),
    (
        "{Name: ImageNet, Config: 2012}",
        {"conditions": {"config": "fr"}},
        "evaluated on the config fr; the claim is about 2012",
    ),
    (
        "ImageNet",
        {"conditions": {"config": "fr"}},
        "evaluated on the config fr; the claim names none",
    ),
    ("ImageNet", {"conditions": {"revision": "abc"}}, "exact"),
]


@pytest.mark.parametrize(("dataset", "change", "expected"), SCOPES)
def test_an_evaluation_of_other_images_judges_no_claim(
    read: READ, dataset: str, change: dict[str, Any], expected: str
) -> None:
    images = change.get("images", 50_000)
    found = scoped(read, dataset, document(images * 4 // 5, **({"seen": images} | change)))
    assert found[0 if expected == "exact" else 1] == expected


def test_each_split_is_judged_by_its_own_evaluation(read: READ) -> None:
    validation, train = document(40_000), document(990, **TRAIN)
    for documents in ((validation, train), (train, validation)):
        assert scoped(read, "{Name: ImageNet, Split: train}", *documents)[0] == "mismatch"
        assert scoped(read, "{Name: ImageNet, Split: val}", *documents)[0] == "exact"
        assert scoped(read, "ImageNet", *documents)[0] == "exact"


@pytest.mark.parametrize("change", [{"dataset": "ImageNet-V2"}, {"own": False}])
def test_evaluations_of_other_data_or_pipelines_alone_say_nothing(
    read: READ, change: dict[str, Any]
) -> None:
    assert finding(read, "80%", document(40_000, **change)) is None


def test_weights_of_the_same_name_that_a_person_named_are_known_by_their_digest(read: READ) -> None:
    elsewhere = document(40_000, named=True, sha256="f" * 64)
    assert said(read, "80%", elsewhere) == (
        "unchecked",
        "toy-0123abcd.pth, SHA-256 ffffffff, is not known to be the weights that the index names",
    )
    assert said(read, "80%", document(40_000, named=True))[0] == "exact"


NAMELESS = TOY.replace("  Weights: toy-0123abcd.pth\n", "")
TAG = {"pretrained": ["hf:timm/toy.a1", "https://example.org/toy-0123abcd.pth"]}


@pytest.mark.parametrize(
    ("fields", "change", "expected"),
    [
        ("", {}, "evaluated with toy-0123abcd.pth; the index names no weights; `Weights` in"),
        ("", {"named": True}, "evaluated with toy-0123abcd.pth; the index names no weights; `W"),
        # weights of the pretrained tag that the builder resolves to
        ("", TAG | {"weights": "hf:timm/toy.a1", "sha256": "f" * 64}, "exact"),
        ("", TAG | {"weights": "mine.pth", "named": True}, "exact"),
        (
            "",
            TAG | {"weights": "mine.pth", "named": True, "sha256": "f" * 64},
            "evaluated with mine.pth and is not known to be hf:timm/toy.a1 or https://example.org/"
            "toy-0123abcd.pth, which its builder names; the index names no weights",
        ),
        ("", TAG | {"weights": "hf:timm/toy.a1", "named": True, "sha256": "f" * 64}, "evaluated"),
        # the index says which they are
        ("SHA256: 0123abcd0123", {"weights": "mine.pth", "named": True}, "exact"),
        ("SHA256: ffff0000", {"weights": "mine.pth", "named": True}, "evaluated with mine.pth"),
        ("Weights: mine.pth", {"weights": "mine.pth"}, "exact"),
        ("Weights: https://a.example/x-0123abcd.pth", {"weights": "mine.pth"}, "exact"),
        (
            "Weights: https://a.example/x.pth",
            {"weights": "mine.pth", "named": True},
            "mine.pth, SHA-256 0123abcd, is not known to be the weights that the index names",
        ),
    ],
)
def test_an_accuracy_is_about_the_entry_only_with_its_weights(
    read: READ, fields: str, change: dict[str, Any], expected: str
) -> None:
    text = NAMELESS.replace("  Metadata:", f"  {fields}\n  Metadata:")
    [entry] = read(text.replace("CLAIM", "80%"))
    claim = entry.claim("top1")
    assert isinstance(claim, Claim)
    found = compare_evaluations(claim, gather_evaluations(entry, [document(40_000, **change)], {}))
    assert found is not None
    if expected == "exact":
        assert str(found.verdict) == "exact"
    else:
        assert (str(found.verdict), found.measured) == ("unchecked", None)
        assert found.reason.startswith(expected)


def test_new_images_go_before_old_ones(read: READ) -> None:
    old, new = document(40_000), document(39_000, stamp="later", at="2026-02-02T00:00:00")
    assert said(read, "80%", old, new)[0] == "mismatch"


def test_numbers_are_rounded_once(read: READ) -> None:
    """25,559 of 50,889 is 50.2249995%, which rounds to 50.22 and not to 50.23."""
    exact = document(25_559, seen=50_889, images=50_889, dataset="toys")
    assert said(read, "50.22%", exact)[0] == "rounded"
    assert said(read, "50.23%", exact)[0] == "mismatch"


def test_weights_are_known_by_their_digest_whatever_they_are_called(read: READ) -> None:
    copied = document(40_000, weights="/data/copy.pth")
    assert said(read, "80%", copied)[0] == "exact"
    changed = finding(read, "80%", document(40_000), digests={"toy-0123abcd.pth": "9" * 64})
    assert changed is not None
    assert (
        changed.reason == "toy-0123abcd.pth is another file than the one evaluated, by its SHA-256"
    )


def test_all_images_go_before_some_and_float32_before_less(read: READ) -> None:
    some, half = document(8016, 10_000, (39_900, 40_300)), document(40_090, precision="amp")
    assert said(read, "80%", some, half, document(40_000))[0] == "exact"
    amp = finding(read, "80.18%", half, document(40_000))
    assert amp is not None
    assert (amp.verdict, amp.cause) == (Verdict.EXPLAINED, "other precision")


def test_a_failure_is_an_error_where_nothing_else_is_known(read: READ) -> None:
    good = document(40_000)
    values: dict[str, Any] = {"dataset": "ImageNet-1k", "own": True}
    values |= {"weights": "toy-0123abcd.pth", "sha256": good.values["sha256"]}
    failed = Evidence(cell=good.cell, outcome="failed", values=values, error="RuntimeError: boom")
    assert said(read, "80%", failed) == ("error", "RuntimeError: boom")
    assert said(read, "80%", failed, good)[0] == "exact"


def test_other_images_than_all_of_a_known_data_set_say_nothing(read: READ) -> None:
    assert said(read, "80%", document(800, seen=1000, images=1000)) == (
        "unchecked",
        (
            "1,000 images are available, ImageNet-1k has 50,000: "
            "the accuracy on all of them is unknown"
        ),
    )
    assert said(read, "80%", document(40_000, split="train")) == (
        "unchecked",
        "evaluated on the split train of ImageNet-1k; claims are about validation",
    )


def test_a_claim_is_never_asked_for_more_than_it_prints(read: READ) -> None:
    """79.6 to 80.4% rounds to 80%, so it holds even where the tolerance is a tenth of a point."""
    near = document(8016, 10_000, (39_800, 40_200), tolerance="0.1")
    assert said(read, "80%", near)[0] == "consistent"
    assert said(read, "80.0%", near)[0] == "unchecked"  # it prints tenths
    assert said(read, "80.01%", near)[0] == "unchecked"


def test_a_claim_about_another_size_is_not_judged(read: READ) -> None:
    [entry] = read(
        TOY.replace("CLAIM", "80%")
        + "  Reported:\n  - Publisher: other\n    Metadata: {Image Size: 64}\n    Results:\n"
        "    - {Task: Image Classification, Dataset: ImageNet, Metrics: {Top 1 Accuracy: 82%}}\n"
    )
    claim = next(
        claim
        for claim in entry.all_claims()
        if claim.publisher == "other" and claim.quantity == "top1"
    )
    finding = compare_evaluations(claim, gather_evaluations(entry, [document(40_000)], {}))
    assert finding is not None
    assert finding.reason == "evaluated at 32x32; the claim is about 64x64"


@pytest.mark.parametrize(
    ("claim", "verdict"), [("80%", "exact"), ("80.3%", "unchecked"), ("80.5%", "mismatch")]
)
def test_images_that_could_not_be_judged_leave_a_claim_open(
    read: READ, claim: str, verdict: str
) -> None:
    """40,000 of 50,000 are right, and 200 more, 0.4 points, may be."""
    found, reason = said(read, claim, document(40_000, unjudged=200))
    assert found == verdict
    assert "200 whose class no output stands for count as wrong" in reason
    assert ("--class-map" in reason) is (verdict == "unchecked")


def test_an_accuracy_that_depends_on_the_batch_judges_nothing(read: READ) -> None:
    varies = document(40_000, variation="the outputs depend on the batch")
    assert said(read, "90%", varies) == (
        "unchecked",
        "the outputs depend on the batch; so no accuracy is a property of the model and these "
        "images",
    )
