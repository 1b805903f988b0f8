"""Verdicts: on toys for every branch, and on the embedded index for what the project says about the
world."""

from collections.abc import Callable
from pathlib import Path

import pytest

from zoo.counting.counter import LedgerOnly
from zoo.counting.measurer import Measurer
from zoo.model_index.findings import Finding
from zoo.model_index.ledger.store import Ledger
from zoo.model_index.records.records import Entry, Index
from zoo.verification.checks import check_depth
from zoo.verification.context import Context
from zoo.verification.verify import primary_keys, verify

ENTRY = """
Models:
- Name: {name}
  Builder: {builder}
  Metadata:
    {field}: {value}
    Image Size: {size}
"""
MACS = 8 * 64 * 27 + 80  # the toy at 8x8: convolution and linear layer


@pytest.fixture(scope="module")
def findings(
    embedded: Index, tmp_path_factory: pytest.TempPathFactory
) -> dict[tuple[str, str, str], Finding]:
    """Every finding on the embedded index by (model, publisher, quantity)."""
    measurer = Measurer(Ledger(tmp_path_factory.mktemp("ledger")))
    found = [finding for _, each in verify(embedded.entries, measurer) for finding in each]
    return {(f.claim.model, f.claim.publisher, f.claim.quantity): f for f in found}


def test_dpn98s_flops_are_explained_to_the_last_digit(findings: dict) -> None:
    finding = findings["dpn98", "timm", "flops"]
    assert (finding.verdict, finding.cause) == ("explained", "thop at 224x285")
    assert finding.reason == (
        "counted at 224x285 by thop's convention, to the last digit: "
        "conv 15003502080 + conv bias 1000 + pooling 172032"
    )
    assert (finding.standing, finding.use, finding.fails()) == ("wrong", 11671217152, True)
    assert finding.prediction == finding.claim.value == 15003675112
    assert (finding.residual, finding.measured, finding.alternatives) == (0, 11671217152, ())
    assert len(finding.evidence) == 2


@pytest.mark.parametrize(
    ("family", "publisher", "verdict", "cause"),
    [
        ("DPN", "timm", "explained", "thop at 224x285"),
        ("DLA", "timm", "explained", "thop"),
        ("DenseNet", "timm", "explained", "thop (Linear skipped) at 224x285"),
        ("DenseNet", "PaddleClas", "explained", "paddle"),
        ("DPN", "PaddleClas", "mismatch", None),
    ],
)
def test_flops_by_family_and_publisher(
    embedded: Index, findings: dict, family: str, publisher: str, verdict: str, cause: str | None
) -> None:
    members = [entry for entry in embedded.entries if entry.collection == family]
    claims = [
        claim
        for entry in members
        for claim in entry.all_claims()
        if (claim.publisher, claim.quantity) == (publisher, "flops")
    ]
    flops = [findings[claim.model, publisher, "flops"] for claim in claims]
    assert len(flops) > 3
    assert {(f.verdict, f.cause) for f in flops} == {(verdict, cause)}
    if publisher == "timm":
        assert {f.residual for f in flops} == {0}


WRONG_PARAMETERS = {(f"dpn{depth}", "PaddleClas") for depth in (68, 92, 98, 107, 131)} | {
    ("densenet264", "PaddleClas")
}


def test_parameters(embedded: Index, findings: dict) -> None:
    verdicts = {(m, p): f.verdict for (m, p, q), f in findings.items() if q == "parameters"}
    wrong = {key for key, verdict in verdicts.items() if verdict == "mismatch"}
    assert wrong == WRONG_PARAMETERS
    assert verdicts.pop(("digits_cnn", "Model zoo ledger")) == "exact"
    assert {verdict for key, verdict in verdicts.items() if key not in wrong} == {"rounded"}
    assert findings["densenet264", "PaddleClas", "parameters"].reason == "no known cause"


def test_the_other_findings(findings: dict) -> None:
    failing = {
        key: f for key, f in findings.items() if key[2] not in ("flops", "parameters") and f.fails()
    }
    assert {key: f.reason for key, f in failing.items()} == {
        ("dla34", "timm", "layers"): "the model's name says 34 layers",
        ("dpn68b", "timm", "crop_pct"): "dpn68b.ra_in1k is configured for 0.95; "
        "dpn68b.mx_in1k, which has all settings stated here, for 0.875",
    }


def test_every_claim_has_a_finding(embedded: Index, findings: dict) -> None:
    claims = [claim for entry in embedded.entries for claim in entry.all_claims()]
    assert set(findings) == {(claim.model, claim.publisher, claim.quantity) for claim in claims}
    mismatches = {key for key, f in findings.items() if f.verdict == "mismatch"}
    members = {entry.name for entry in embedded.entries if entry.collection == "DPN"}
    assert mismatches == (
        {(*key, "parameters") for key in WRONG_PARAMETERS}
        | {key for key in findings if key[0] in members and key[1:] == ("PaddleClas", "flops")}
        | {("dla34", "timm", "layers"), ("efficientnet_lite0", "TensorFlow", "flops")}
    )
    unchecked = {f.claim.row.check for f in findings.values() if f.verdict == "unchecked"}
    assert unchecked <= {
        *("benchmark", "accuracy", "file size", "depth", "configuration", "identity"),
        "unmeasured",
    }
    assert {f.verdict for f in findings.values()} == {
        "exact",
        "rounded",
        "consistent",
        "explained",
        "mismatch",
        "unchecked",
    }


def judge(entries: list[Entry], measurer: Measurer) -> Finding:
    return findings_on(entries[0], measurer)[0]


def findings_on(entry: Entry, measurer: Measurer) -> list[Finding]:
    return verify([entry], measurer)[0][1]


@pytest.mark.parametrize(
    ("field", "value", "verdict", "reason"),
    [
        ("FLOPs", str(MACS), "exact", "equal to the last digit"),
        ("FLOPs", "13.9 K", "rounded", "13,904 rounded to the claim's 3 digits"),
        (
            "FLOPs",
            str(2 * MACS),
            "explained",
            "two operations per multiply-add at 8x8 gives the claim to the last digit",
        ),
        (
            "FLOPs",
            "20001",
            "mismatch",
            "no known cause",
        ),
        ("Parameters", "330", "exact", "equal to the last digit"),
        (
            "Parameters",
            "331",
            "mismatch",
            'no certain cause: "331" has 3 digits, so 1.4% of all numbers would match some cause '
            "by chance (candidates: parameters and buffers, in units of 2^20 named as millions)",
        ),
        ("Layers", "3", "unchecked", "the model's name states no depth"),
        ("Crop Pct", "0.9", "unchecked", "toyzoo:make has no pretrained configuration"),
        ("ID", "toy", "unchecked", "built by toyzoo:make, which is in no registry"),
        ("File Size", "1 MB", "unchecked", "the weights were not inspected"),
    ],
)
def test_verdicts_on_a_toy(
    toy: Path,
    read: Callable[[str], list[Entry]],
    measurer: Measurer,
    field: str,
    value: str,
    verdict: str,
    reason: str,
) -> None:
    text = ENTRY.format(name="toy", builder="toyzoo:make", field=field, value=value, size=8)
    finding = judge(read(text), measurer)
    assert finding.verdict == verdict
    assert finding.reason.startswith(reason)


@pytest.mark.parametrize(
    ("field", "value", "verdict", "reason"),
    [
        ("Layers", "34", "exact", "the depth in the model's name"),
        ("Crop Pct", "0.9", "mismatch", "dla34.in1k is configured for 0.875"),
        ("Interpolation", "bicubic", "mismatch", "dla34.in1k is configured for bilinear"),
    ],
)
def test_settings_against_the_configuration(
    read: Callable[[str], list[Entry]],
    measurer: Measurer,
    field: str,
    value: str,
    verdict: str,
    reason: str,
) -> None:
    text = ENTRY.format(name="dla34", builder="timm:dla34", field=field, value=value, size=224)
    finding = judge(read(text), measurer)
    assert (finding.verdict, finding.reason) == (verdict, reason)


def test_test_time_settings_are_explained(
    read: Callable[[str], list[Entry]], measurer: Measurer
) -> None:
    text = "Models: [{Name: densenet121, Metadata: {Image Size: 288}}]"
    finding = judge(read(text), measurer)
    assert (finding.verdict, finding.cause) == ("explained", "test-time setting")
    assert (
        finding.reason
        == "densenet121.ra_in1k is configured for 224x224 and for 288x288 at test time"
    )


def test_an_older_name_of_the_same_model(
    read: Callable[[str], list[Entry]], measurer: Measurer
) -> None:
    text = "Models: [{Name: old, Builder: 'timm:tv_densenet121', Metadata: {ID: tv_densenet121}}]"
    with pytest.warns(UserWarning, match="Mapping deprecated model name"):
        finding = judge(read(text), measurer)
    assert (finding.verdict, finding.cause, finding.measured) == (
        "explained",
        "renamed",
        "densenet121.tv_in1k",
    )
    assert finding.reason == "an older name of densenet121.tv_in1k"


def test_a_name_that_builds_another_model(
    read: Callable[[str], list[Entry]], measurer: Measurer
) -> None:
    """Its numbers are examined against the model that the name asks for."""
    text = """
Models:
- Name: ig_resnext101_32x16d
  Metadata: {ID: ig_resnext101_32x16d, FLOPs: 46623691776, Parameters: 194030000, Image Size: 224}
- Name: ig_resnext101_32x48d
  Metadata: {ID: ig_resnext101_32x48d, Parameters: 828410000, Image Size: 224}
"""
    with pytest.warns(UserWarning, match="Mapping deprecated model name"):
        found = {
            (f.claim.model[-3:], f.claim.label): f
            for _, each in verify(read(text), measurer)
            for f in each
        }
    remap = found["16d", "ID"]
    assert (remap.verdict, remap.cause, remap.wrong) == (
        "mismatch",
        "another model is built",
        True,
    )
    assert (
        remap.reason
        == "the name silently builds another model, resnext101_32x8d.fb_wsl_ig1b_ft_in1k"
    )
    flops = found["16d", "FLOPs"]
    assert (flops.verdict, flops.residual) == ("explained", 0)
    assert flops.measured == 36163289088, "of the model that the name asks for"
    assert flops.cause == "another model is built, thop (Linear skipped) at 224x285"
    assert flops.reason.startswith(
        "of resnext101_32x16d, the model the name asks for: counted at 224x285 by thop's"
    )
    assert (flops.standing, flops.use) == ("wrong", 36163289088)
    assert found["16d", "ID"].fails()
    parameters = found["16d", "Parameters"]
    assert parameters.prediction == 194026792
    assert (parameters.standing, parameters.use) == ("right", 194026792)
    size = found["16d", "Image Size"]
    assert (size.standing, size.measured) == ("unknown", None), "the configuration is another's"
    assert found["48d", "Parameters"].reason.startswith(
        "828,411,176 of resnext101_32x8d, base_width=48, cardinality=32, "
        "the model the name asks for"
    )


def test_one_models_failure_leaves_the_others(
    toy: Path, read: Callable[[str], list[Entry]], measurer: Measurer
) -> None:
    text = """
Models:
- {Name: no_such_model, Metadata: {FLOPs: 1, Layers: 18}}
- {Name: raises, Builder: 'toyzoo:explode', Metadata: {FLOPs: 1}}
- {Name: stuck, Builder: 'toyzoo:Broken', Metadata: {FLOPs: 1, Parameters: 1}}
- {Name: untrusted, Builder: 'otherzoo:make', Metadata: {FLOPs: 1}}
- {Name: nothing, Builder: 'timm:nothing'}
- {Name: toy, Builder: 'toyzoo:make', Metadata: {Parameters: 330}}
- {Name: known_by, Metadata: {ID: no_such_id}}
- {Name: paper, Builder: None, Metadata: {FLOPs: 1}}
"""
    found = [finding for _, each in verify(read(text), measurer) for finding in each]
    assert [(f.claim.model, f.claim.quantity, str(f.verdict)) for f in found] == [
        ("no_such_model", "builder", "unchecked"),
        ("no_such_model", "flops", "unchecked"),
        ("no_such_model", "layers", "unchecked"),
        ("raises", "builder", "error"),
        ("raises", "flops", "error"),
        ("stuck", "flops", "error"),
        ("stuck", "parameters", "mismatch"),
        ("untrusted", "builder", "error"),
        ("untrusted", "flops", "error"),
        ("nothing", "builder", "error"),
        ("toy", "parameters", "exact"),
        ("known_by", "builder", "error"),
        ("known_by", "id", "error"),
        ("paper", "flops", "unchecked"),
    ]
    reasons = {f.claim.model: f.reason for f in found if f.claim.quantity == "builder"}
    assert reasons["no_such_model"] == ("no builder is named, and timm has no model of this name")
    assert reasons["known_by"].startswith("timm ")
    assert reasons["raises"] == "toyzoo:explode raised ValueError: boom"
    forward = next(f for f in found if (f.claim.model, f.claim.quantity) == ("stuck", "flops"))
    assert forward.reason == "its forward pass raised RuntimeError: no forward today"
    assert forward.gap and forward.gap.kind == "forward"
    assert (
        reasons["untrusted"]
        == "otherzoo:make is code named by the index; it runs with --trust otherzoo"
    )
    lines = {f.claim.model: f.claim.place.line for f in found if f.claim.quantity == "builder"}
    assert lines == {
        "no_such_model": 3,
        "raises": 4,
        "untrusted": 6,
        "nothing": 7,
        "known_by": 9,
    }
    (paper,) = (f for f in found if f.claim.model == "paper")
    assert paper.reason == "Builder: none, and no weights"
    failing = [(f.claim.model, f.claim.quantity) for f in found if f.fails(allow_unbuilt=True)]
    assert {model for model, _ in failing} == {"raises", "stuck"}
    unbuilt = {f.claim.model for f in found if f.unbuilt and f.fails()}
    assert unbuilt == {"untrusted", "nothing", "known_by"}


def test_a_silent_remap_is_a_finding_even_without_an_id(
    read: Callable[[str], list[Entry]], measurer: Measurer
) -> None:
    text = (
        "Models: [{Name: old, Builder: 'timm:gluon_resnet18_v1b', Metadata: "
        "{Parameters: 11689512}}]"
    )
    with pytest.warns(UserWarning, match="Mapping deprecated model name"):
        builder, parameters = findings_on(read(text)[0], measurer)
    assert (builder.claim.quantity, builder.verdict, builder.cause) == (
        "builder",
        "explained",
        "renamed",
    )
    assert builder.reason == "an older name of resnet18.gluon_in1k"
    assert parameters.verdict == "exact"


@pytest.mark.parametrize(
    ("name", "claimed", "verdict"),
    [
        ("resnet18", 18, "exact"),
        ("resnet18", 19, "mismatch"),
        ("vit_base_patch16_224", 12, "unchecked"),
        ("swin_tiny_patch4_window7_224", 12, "unchecked"),
        ("resnetv2_50x1_bit", 50, "unchecked"),
        ("regnetx_002", 13, "unchecked"),
        ("dla60_res2net", 60, "exact"),
    ],
)
def test_depths_in_names(
    read: Callable[[str], list[Entry]], tmp_path: Path, name: str, claimed: int, verdict: str
) -> None:
    entries = read(f"Models: [{{Name: {name}, Metadata: {{Layers: {claimed}}}}}]")
    finding = check_depth(entries[0].claims[0], Context(entry=entries[0])).finding
    assert finding.verdict == verdict
    assert finding.cause == ("depth in the name" if verdict == "mismatch" else None)


@pytest.mark.parametrize(
    ("field", "value", "verdict"),
    [
        ("Crop Pct", "0.88", "rounded"),
        ("Crop Pct", "0.86", "mismatch"),
        ("Interpolation", "Bilinear", "exact"),
    ],
)
def test_settings_may_be_rounded_and_in_capitals(
    read: Callable[[str], list[Entry]], measurer: Measurer, field: str, value: str, verdict: str
) -> None:
    text = ENTRY.format(name="dla34", builder="timm:dla34", field=field, value=value, size=224)
    assert judge(read(text), measurer).verdict == verdict


def test_another_publishers_own_image_size_counts(
    toy: Path, read: Callable[[str], list[Entry]], measurer: Measurer
) -> None:
    text = """
Models:
- Name: toy
  Builder: toyzoo:make
  Metadata: {Image Size: 8}
  Reported:
  - Publisher: other
    Metadata: {FLOPs: 55376, Image Size: 16}
"""
    findings = {
        f.claim.label: f
        for f in findings_on(read(text)[0], measurer)
        if f.claim.publisher == "other"
    }
    assert (findings["FLOPs"].verdict, findings["FLOPs"].measured) == ("exact", 8 * 256 * 27 + 80)


def test_an_incomplete_count_decides_no_claim(
    toy: Path,
    read: Callable[[str], list[Entry]],
    measurer: Measurer,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    from zoo.counting import operators, tracer

    monkeypatch.delitem(operators.KIND_OF, "convolution")
    monkeypatch.setattr(tracer, "_classify", tracer._classify.__wrapped__)  # not from its cache
    text = ENTRY.format(name="toy", builder="toyzoo:make", field="FLOPs", value=MACS, size=8)
    finding = judge(read(text), measurer)
    assert finding.verdict == "unchecked"
    assert finding.reason == ("the count is incomplete: no rule for aten::convolution in 0")


def test_without_evidence_everything_is_unchecked(embedded: Index, tmp_path: Path) -> None:
    measurer = Measurer(Ledger(tmp_path), counter=LedgerOnly())
    found = [finding for _, each in verify(embedded.entries, measurer) for finding in each]
    assert {f.reason for f in found if f.claim.quantity == "flops"} == {"not measured yet"}
    assert primary_keys(embedded.entries, measurer) == {}


def test_json_has_the_promised_keys(findings: dict) -> None:
    data = findings["dla34", "timm", "layers"].to_dict()
    assert data | {"file": "", "line": 0} == {
        "model": "dla34",
        "publisher": "timm",
        "quantity": "Layers",
        "key": "layers",
        "dataset": None,
        "task": None,
        "conditions": {},
        "claimed": 32,
        "measured": 34,
        "unit": "layers",
        "standing": "wrong",
        "use": 34,
        "verdict": "mismatch",
        "cause": "depth in the name",
        "prediction": None,
        "residual": -2,
        "alternatives": [],
        "ambiguous": False,
        "estimate": False,
        "reason": "the model's name says 34 layers",
        "gap": None,
        "file": "",
        "line": 0,
    }


def test_a_stated_size_the_model_cannot_take_is_passed_over(
    read: Callable[[str], list[Entry]], measurer: Measurer
) -> None:
    text = """
Models:
- Name: dla34
  Metadata: {Image Size: 224}
  Reported:
  - Publisher: other
    Metadata: {FLOPs: 3060043776, Image Size: 224x285}
"""
    findings = {
        f.claim.label: f
        for f in findings_on(read(text)[0], measurer)
        if f.claim.publisher == "other"
    }
    assert findings["FLOPs"].verdict == "exact"


def test_a_passed_over_size_is_named(
    toy: Path, read: Callable[[str], list[Entry]], measurer: Measurer
) -> None:
    text = """
Models:
- Name: vit_tiny_patch16_224
  Metadata: {Image Size: 224}
  Reported:
  - Publisher: other
    Metadata: {FLOPs: 1253683200, Image Size: 384}
"""
    finding = next(f for f in findings_on(read(text)[0], measurer) if f.claim.publisher == "other")
    assert "counted at 224x224, because 384x384 cannot be" in finding.reason


def test_a_spelling_of_another_time_is_no_other_model(
    read: Callable[[str], list[Entry]], measurer: Measurer
) -> None:
    """`gluon_resnet50_v1d` is resnet50d, and no claim about it is put against resnet50."""
    text = (
        "Models: [{Name: gluon_resnet50_v1d, Metadata: {ID: gluon_resnet50_v1d, "
        "Parameters: 25557032}}]"
    )
    with pytest.warns(UserWarning, match="Mapping deprecated model name"):
        identity, parameters = sorted(
            findings_on(read(text)[0], measurer), key=lambda f: f.claim.label
        )
    assert (identity.verdict, identity.cause) == ("explained", "renamed")
    assert (parameters.verdict, parameters.measured) == ("mismatch", 25576264)


def test_a_mistake_in_what_another_model_is_built_for_is_a_mistake(
    read: Callable[[str], list[Entry]], measurer: Measurer
) -> None:
    text = "Models: [{Name: ig_resnext101_32x16d, Metadata: {Parameters: 1940267920}}]"
    with pytest.warns(UserWarning, match="Mapping deprecated model name"):
        builder, parameters = findings_on(read(text)[0], measurer)
    assert builder.verdict == "mismatch"
    assert (parameters.cause, parameters.wrong) == (
        "another model is built, ten times too many",
        True,
    )


def test_a_builder_that_is_gone_costs_its_own_findings_only(
    toy: Path, read: Callable[[str], list[Entry]], measurer: Measurer
) -> None:
    """Counted before, and now neither trusted nor at hand for a further count."""
    entry = ENTRY.format(name="toy", builder="toyzoo:make", field="FLOPs", value=MACS, size=8)
    assert judge(read(entry), measurer).verdict == "exact"
    later = read(entry.replace(str(MACS), "17654321") + "- {Name: dla34, Metadata: {Layers: 34}}\n")
    found = verify(later, Measurer(measurer.ledger))
    assert [each[0].verdict for _, each in found] == ["mismatch", "exact"]
