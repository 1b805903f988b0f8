"""Stages of a model: cut where the work is, repeated blocks as one; drawn, and layer by layer in a
file."""

from zoo.model_index.ledger.stages import MOST, stages
from zoo.model_index.ledger.trace import Part, Row, Trace
from zoo.reporting.i18n.fields import text_of
from zoo.reporting.i18n.gettext import speaking
from zoo.reporting.views.catalogue import Zoo

CONV, RELU = "torch.nn.modules.conv.Conv2d", "torch.nn.modules.activation.ReLU"


def conv(path: str, macs: int = 10) -> Row:
    return Row("conv2d", "convolution", path, CONV, macs, 4, 5, 0, 3)


def names(*rows: Row, parts: tuple[Part, ...] = ()) -> list[tuple[str, int]]:
    return [(stage.name, stage.repeats) for stage in stages(Trace(((1, 3, 2, 2),), rows), parts)]


def test_blocks_that_repeat_are_one_stage() -> None:
    rows = [
        conv("stem", 5),
        *(conv(f"layer.{n}.{part}") for n in range(20) for part in ("a", "b")),
        conv("head", 1),
    ]
    assert names(*rows) == [("stem", 1), ("layer.0–19", 20), ("head", 1)]


def test_what_does_most_of_the_work_is_opened() -> None:
    rows = [
        conv("stem"),
        *(conv(f"body.{stage}.{n}", 90) for stage in ("one", "two") for n in range(3)),
        conv("head"),
    ]
    assert names(*rows) == [("stem", 1), ("body.one", 1), ("body.two", 1), ("head", 1)]


def test_a_number_in_a_name_says_the_stage_of_a_block() -> None:
    rows = [conv(f"conv{stage}_{n}.x", stage * n) for stage in (2, 3) for n in (1, 2, 3)]
    assert names(*rows) == [("conv2_1–3", 3), ("conv3_1–3", 3)]


def test_numbers_alone_make_no_repetition() -> None:
    assert names(*(conv(f"blocks.{n}.{part}", n + 1) for n in range(4) for part in "ab")) == [
        (f"blocks.{n}", 1) for n in range(4)
    ]


def test_layers_without_work_stand_with_the_one_before_them() -> None:
    still = [Row("relu", "activation", name, RELU) for name in ("act", "pool")]
    wide = [conv(f"body.{part}", 2) for part in "ab"]
    rows = [conv("stem"), *still, *wide, Row("relu", "activation", "last", RELU), conv("head")]
    found = stages(Trace(((1, 3, 2, 2),), tuple(rows)), ())
    assert [stage.name for stage in found] == ["stem … pool", "body", "last", "head"]
    assert (found[0].contents, found[0].repeats, found[0].layers) == ("Conv2d, ReLU ×2", 1, 1)


def test_a_stage_says_what_it_holds() -> None:
    rows = [
        conv("stem", 900),
        *(conv(f"block.unit{n}.{part}") for n in range(1, 4) for part in "abcdef"),
    ]
    rows += [conv(f"tree.{part}") for part in ("left.x", "left.y", "right.x", "right.y", "root")]
    found = {stage.name: stage for stage in stages(Trace(((1, 3, 2, 2),), tuple(rows)), ())}
    assert found["tree"].contents == "left, right, root" and found["tree"].layers == 5
    assert found["block"].contents == "unit1–3 ×3: Conv2d ×6"


def test_a_thousand_unlike_modules_are_few_stages() -> None:
    rows = [conv(f"m{n}x") for n in range(1000)]
    found = stages(Trace(((1, 3, 2, 2),), tuple(rows)), ())
    assert MOST / 2 <= len(found) <= MOST and found[-1].name.endswith("… m999x")
    assert (
        sum(stage.macs for stage in found) == 10_000
        and round(sum(stage.share for stage in found)) == 100
    )


def test_a_deep_tree_is_opened_to_where_it_branches() -> None:
    deep = ".".join(["model"] * 30)
    assert names(conv(f"{deep}.a"), conv(f"{deep}.b.x", 20)) == [
        (f"{deep}.a", 1),
        (f"{deep}.b.x", 1),
    ]


def test_shares_and_what_never_ran() -> None:
    parts = (Part("a", CONV, 30, 30, 0, 1), Part("unused", CONV, 10, 10, 0, 0))
    first, last = stages(
        Trace(((1, 3, 2, 2),), (conv("a"), conv("b"), Row("relu", "activation", "b", RELU))), parts
    )[::2]
    assert (first.contents, first.share, first.parameter_share) == ("Conv2d", 50.0, 75.0)
    assert (last.name, last.macs, last.parameters) == ("unused", 0, 10)
    assert [stage.name for stage in stages(Trace(((1, 3, 2, 2),), (conv(""),)), ())] == [""]


def test_a_text_is_in_the_pages_language_where_there_is_one(toy: Zoo) -> None:
    collection = toy.index.collections[0]
    collection.fields["Description (zh)"] = "第一\n行"
    try:
        with speaking("zh"):
            assert text_of(collection, "Description") == "第一行"
            assert text_of(collection, "Full Name") == "Networks"
        assert text_of(collection, "Description").startswith("First paragraph.")
        assert text_of(None, "Description") == text_of(collection, "Nothing") == ""
    finally:
        del collection.fields["Description (zh)"]
