"""Famous numbers of models that differ from those which today's libraries build."""

from collections.abc import Callable

import pytest

from zoo.counting.measurer import Measurer
from zoo.model_index.records.records import Entry
from zoo.models.builders import BuildError, build
from zoo.models.builders.forms import FORMS
from zoo.models.cells import Variant
from zoo.verification.verify import verify

# Table 1 of arXiv:1512.03385, in billions of multiply-adds
PUBLISHED = {"resnet18": 1.8, "resnet34": 3.6, "resnet50": 3.8, "resnet101": 7.6, "resnet152": 11.3}
TEXT = "Collections: [{Name: ResNets}]\nModels:\n" + "\n".join(
    f"- {{Name: {name}, In Collection: ResNets, Builder: 'torchvision:{name}', "
    f"Metadata: {{FLOPs: {billions} G}}}}"
    for name, billions in PUBLISHED.items()
)


def test_the_paper_on_resnet_has_the_stride_in_the_first_convolution(
    read: Callable[[str], list[Entry]], measurer: Measurer
) -> None:
    found = {entry.name: findings[0] for entry, findings in verify(read(TEXT), measurer)}
    for name in ("resnet50", "resnet101", "resnet152"):
        finding = found[name]
        assert (finding.standing, finding.causes[0]) == ("wrong", "stride in 1x1"), name
        assert finding.use == finding.measured
    assert found["resnet50"].causes == ("stride in 1x1", "cut off")
    assert found["resnet50"].prediction == 3_857_973_248
    assert found["resnet34"].causes == ("cut off",)
    assert {found[name].standing for name in ("resnet34", "resnet18")} == {"right"}


def test_three_digits_prove_it_alone(
    read: Callable[[str], list[Entry]], measurer: Measurer
) -> None:
    text = "Models: [{Name: r, Builder: 'torchvision:resnet50', Metadata: {FLOPs: 3.86 G}}]"
    ((_, (finding, *_others)),) = verify(read(text), measurer)
    assert (finding.cause, finding.standing) == ("stride in 1x1", "wrong")
    assert "ResNet v1" in finding.reason
    assert finding.use == 4089184256


def test_googlenets_paper_has_5x5_convolutions(
    read: Callable[[str], list[Entry]], measurer: Measurer
) -> None:
    arguments = "{init_weights: false, aux_logits: false}"
    builder = f"{{Name: 'torchvision:googlenet', Arguments: {arguments}}}"
    text = f"Models: [{{Name: g, Builder: {builder}, Metadata: {{Parameters: 7005832}}}}]"
    ((_, (finding, *_others)),) = verify(read(text), measurer)
    assert (finding.cause, finding.standing) == ("5x5 branches", "wrong")


def test_a_model_without_bottlenecks_has_no_such_form(
    read: Callable[[str], list[Entry]], measurer: Measurer
) -> None:
    (entry,) = read("Models: [{Name: resnet18, Builder: 'torchvision:resnet18'}]")
    with pytest.raises(BuildError, match="no bottleneck with a stride"):
        build(entry.builder, form="stride in 1x1")
    assert set(FORMS) >= {"stride in 1x1", "googlenet 5x5"}
    evidence = measurer.count(entry, Variant(form="stride in 1x1"))
    assert evidence is not None and evidence.outcome == "failed"
