"""The Papers-with-Code dialect: what becomes of a text, and every fault in its exact words."""

from decimal import Decimal

import pytest

from zoo.model_index.reading.markdown import comments

ENTRY = """\
Library: {Name: Zoo, Docs: https://example.org/docs}
Collections:
- Name: Family
  Full Name: A family
  Paper: {Title: A paper, URL: https://example.org/paper}
Models:
- name: tiny
  in collection: Family
  Weights: [https://example.org/a.pth, https://example.org/b.pth]
  Metadata:
    FLOPs: '4.1 G'
    params: 61.570M
    Momentum: 0.9
    Image Size: 224x285
    Epochs: ~
  README: tiny.md
  Results:
  - Task: {Name: Image Classification}
    Dataset: ImageNet
    Metrics: {Top 1 Accuracy: 80.16%, Speed: fast}
  Reported:
  - Publisher: Others
    Source: https://example.org/others
    Metadata: {MACs: 8.2 G}
    Results:
    - {Dataset: ImageNet, Metrics: {top-1: 0.79}}
"""


def test_an_entry(read) -> None:
    part, faults = read(ENTRY)
    (entry,), (collection,) = part.entries, part.collections
    assert not faults
    assert (entry.name, entry.collection, entry.publisher, entry.source) == (
        "tiny", "Family", "Zoo", "https://example.org/docs",
    )  # fmt: skip
    assert str(entry.place) == "f.yml:7"
    assert entry.weights == ("https://example.org/a.pth", "https://example.org/b.pth")
    assert entry.metadata == {
        "FLOPs": "4.1 G",
        "params": "61.570M",
        "Momentum": "0.9",
        "Image Size": "224x285",
        "Epochs": None,
    }
    assert list(entry.fields) == [
        "name",
        "in collection",
        "Weights",
        "Metadata",
        "README",
        "Results",
        "Reported",
    ]
    assert entry.text("readme") == "tiny.md"
    assert str(entry.builder) == "timm:tiny"
    assert collection.fields["Full Name"] == "A family"
    assert collection.paper == {"Title": "A paper", "URL": "https://example.org/paper"}


def test_the_claims_of_an_entry(read) -> None:
    (entry,) = read(ENTRY)[0].entries
    found = [
        (
            c.publisher,
            c.quantity,
            c.label,
            c.raw,
            c.value,
            c.parsed.digits,
            c.parsed.step,
            c.place.line,
            c.path,
        )
        for c in entry.all_claims()
    ]
    at = "Models[0]"
    assert found == [
        ("Zoo", "flops", "FLOPs", "4.1 G", Decimal("4.1e9"), 2, Decimal("1e8"), 11,
         f"{at}.Metadata.FLOPs"),
        ("Zoo", "parameters", "params", "61.570M", Decimal(61570000), 5, Decimal("1e3"), 12,
         f"{at}.Metadata.params"),
        ("Zoo", "image_size", "Image Size", "224x285", (224, 285), None, None, 14,
         f"{at}.Metadata.Image Size"),
        ("Zoo", "top1", "Top 1 Accuracy", "80.16%", Decimal("80.16"), 4, Decimal("0.01"), 20,
         f"{at}.Results[0].Metrics.Top 1 Accuracy"),
        ("Others", "flops", "MACs", "8.2 G", Decimal("8.2e9"), 2, Decimal("1e8"), 24,
         f"{at}.Reported[0].Metadata.MACs"),
        ("Others", "top1", "top-1", "0.79", Decimal(79), 2, Decimal(1), 26,
         f"{at}.Reported[0].Results[0].Metrics.top-1"),
    ]  # fmt: skip
    assert {(c.dataset, c.task) for c in entry.claims if c.row.metric} == {
        ("ImageNet", "Image Classification")
    }
    assert [ENTRY[c.place.start : c.place.end] for c in entry.all_claims()] == [
        "'4.1 G'", "61.570M", "224x285", "80.16%", "8.2 G", "0.79",
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("text", "faults"),
    [
        (
            "a: 1\nb: 2\nc: 3\nd: 4\ne: 5",
            ["f.yml:1: expected Models, Collections or Import, got the keys a, b, c, d, e"],
        ),
        (
            f"{{a: 1, 'b\\c': 2, \"d\\ne\": 3, {'k' * 41}: 4, e: 5, f: 6, g: 7}}",
            [
                "f.yml:1: expected Models, Collections or Import, got the keys "
                f"a, b\\c, 'd\\ne', {'k' * 37}..., e and 2 more"
            ],
        ),
        ("x", ["f.yml:1: expected a mapping, got 'x'"]),
        ("Models:\n- [a]", ["f.yml:2: Models[0]: expected a mapping, got a list"]),
        ("Models: {Metadata: {}}", ["f.yml:1: Models.Name: expected a name, got nothing"]),
        ("Models:\n- Metadata: {}", ["f.yml:2: Models[0].Name: expected a name, got nothing"]),
        ("Models:\n- Name:", ["f.yml:2: Models[0].Name: expected a name, got nothing"]),
        ("Models:\n- Name: ' '", ["f.yml:2: Models[0].Name: expected a name, got ' '"]),
        (
            "Models:\n- Name: [a]",
            [
                "f.yml:2: Models[0].Name: expected text, got a list",
                "f.yml:2: Models[0].Name: expected a name, got a list",
            ],
        ),
        ("Collections:\n- {}", ["f.yml:2: Collections[0].Name: expected a name, got nothing"]),
        (
            "Models:\n- Name: a\n  Results: [[]]",
            ["f.yml:3: Models[0].Results[0]: expected a mapping, got a list"],
        ),
        (
            "Models:\n- Name: a\n  Metadata: {FLOPs: [1]}",
            ["f.yml:3: Models[0].Metadata.FLOPs: expected a count, got a list"],
        ),
        (
            "Models:\n- Name: a\n  Metadata: {Parameters: 1e999999999}",
            ["f.yml:3: Models[0].Metadata.Parameters: expected a count, got '1e999999999'"],
        ),
        (
            "Models:\n- Name: a\n  Metadata: {Parameters: 1e99}",
            ["f.yml:3: Models[0].Metadata.Parameters: expected a number below 1e30, got '1e99'"],
        ),
        (
            f"Models:\n- Name: a\n  Metadata: {{FLOPs: '1{' ' * 8000}z'}}",
            [f"f.yml:3: Models[0].Metadata.FLOPs: expected a count, got '1{' ' * 56}...'"],
        ),
        (
            f"Models:\n- Name: a\n  Metadata: {{ID: {'x' * 101}}}",
            [
                "f.yml:3: Models[0].Metadata.ID: expected a text of at most 100 characters, got "
                f"'{'x' * 57}...'"
            ],
        ),
        (
            "Models:\n- Name: a\n  name: b",
            ["f.yml:3: Models[0].name: expected each key once, got 'name' again"],
        ),
        (
            "Models:\n- Name: a\n  Reported:\n  - Source: x",
            [
                "f.yml:4: Models[0].Reported[0].Publisher: expected the publisher's name, got "
                "nothing"
            ],
        ),
        (
            "Models:\n- Name: a\n  Builder: resnet50",
            [
                "f.yml:3: Models[0].Builder: expected a builder such as timm:resnet50 or "
                "package.module:callable, got 'resnet50'"
            ],
        ),
        (
            "Models:\n- Name: a\n  Builder: {Arguments: {}}",
            [
                "f.yml:3: Models[0].Builder.Name: expected a builder such as timm:resnet50, got "
                "nothing"
            ],
        ),
        (
            "Models:\n- Name: a\n  Builder: {Name: 'timm:x', Arguments: {y: "
            "!!python/name:os.system x}}",
            [
                "f.yml:3: Models[0].Builder.Arguments.y: expected text, a number, true, false, "
                "null, or lists and mappings of these, got 'x' (!!python/name:os.system)"
            ],
        ),
        (
            "Models:\n- Name: a\n  Builder:\n    Name: timm:x\n    Arguments:\n      b: 1\n"
            "      a: !!set {x, y}",
            [
                "f.yml:7: Models[0].Builder.Arguments.a: expected text, a number, true, false, "
                "null, or lists and mappings of these, got a mapping (!!set)"
            ],
        ),
        (
            "Models:\n- Name: a\n  Builder: {Name: 'timm:x', Arguments: [1]}",
            ["f.yml:3: Models[0].Builder.Arguments: expected a mapping, got a list"],
        ),
    ],
)
def test_one_fault(read, text: str, faults: list[str]) -> None:
    assert read(text)[1] == faults


@pytest.mark.parametrize(
    "name",
    [".x:y", "a..b:c", "a.:b", "os:", ":x", "timm:", "a:b:c", "a:.b", "a:b.", "a b:c", "a:b c",
     "a-b:c", "1a:b", "a:1", "a.class:b", "a:b()", "a/b:c", "a: b"],
)  # fmt: skip
def test_a_callable_is_two_dotted_names(read, name: str) -> None:
    expected = f"expected a builder such as timm:resnet50 or package.module:callable, got '{name}'"
    for builder in (f"'{name}'", f"{{Name: '{name}'}}"):
        part, faults = read(f"Models:\n- Name: a\n  Builder: {builder}\n")
        assert faults == [f"f.yml:3: Models[0].Builder: {expected}"]
        assert str(part.entries[0].builder) == "unreadable:a"


def test_all_faults_at_once_and_the_rest_is_read(read) -> None:
    part, faults = read(
        "Models:\n- Name: a\n  Metadata:\n    FLOPs: many\n    Parameters: 5\n    Crop Pct: wide\n"
        "- Metadata: {}\n- Name: b\n  Metadata: {Image Size: big}\n"
    )
    assert faults == [
        "f.yml:4: Models[0].Metadata.FLOPs: expected a count, got 'many'",
        "f.yml:6: Models[0].Metadata.Crop Pct: expected a number, got 'wide'",
        "f.yml:7: Models[1].Name: expected a name, got nothing",
        "f.yml:9: Models[2].Metadata.Image Size: expected an image size such as 224 or 224x285, "
        "got 'big'",
    ]
    assert [entry.name for entry in part.entries] == ["a", "b"]


def test_merge_keys_give_shared_metadata(read) -> None:
    part, faults = read(
        "Models:\n- Name: a\n  Metadata: &m {FLOPs: 10, Parameters: 5}\n"
        "- Name: b\n  Metadata:\n    <<: *m\n    Parameters: 6\n"
    )
    found = [(c.quantity, c.raw, c.place.line) for c in part.entries[1].claims]
    assert not faults
    assert found == [("flops", "10", 3), ("parameters", "6", 7)]


@pytest.mark.parametrize(
    ("builder", "kind", "shown", "arguments", "named"),
    [
        ("Builder: torchvision:resnet50", "torchvision", "torchvision:resnet50", {}, True),
        ("Builder: my.zoo:net", "callable", "my.zoo:net", {}, True),
        ("Builder: _zoo2:Nets.größe", "callable", "_zoo2:Nets.größe", {}, True),
        ("Builder: transformers:own/net", "transformers", "transformers:own/net", {}, True),
        ("Builder: {Name: 'timm:x', Arguments: {depth: 3, wide: [1, 2]}}", "timm", "timm:x",
         {"depth": 3, "wide": [1, 2]}, True),
        ("Builder: {Name: 'timm:x', Arguments: }", "timm", "timm:x", {}, True),
        ("Metadata: {ID: y.in1k}", "timm", "timm:y.in1k", {}, True),
        ("README: r", "timm", "timm:a", {}, False),
        ("Builder: none", "none", "none", {}, False),
        ("Builder: None", "none", "none", {}, False),
    ],
)  # fmt: skip
def test_builder(
    read, builder: str, kind: str, shown: str, arguments: dict[str, object], named: bool
) -> None:
    part, faults = read(f"Models:\n- Name: a\n  {builder}\n")
    found = part.entries[0].builder
    assert not faults
    assert (found.kind, str(found), found.arguments) == (kind, shown, arguments)
    assert found.named is named


def test_a_library_timm_names_its_models(read) -> None:
    part, _ = read("Library: {Name: timm}\nModels:\n- Name: a\n")
    assert part.entries[0].builder.named


def test_an_entry_may_name_its_own_publisher(read) -> None:
    part, _ = read(
        "Library: {Name: Zoo, Docs: d}\nModels:\n- {Name: a, Publisher: P, Metadata: {FLOPs: 1}}\n"
        "- Name: b"
    )
    assert [(e.publisher, e.source) for e in part.entries] == [("P", None), ("Zoo", "d")]
    assert part.entries[0].claims[0].publisher == "P"


@pytest.mark.parametrize(
    ("own", "other", "sizes"),
    [
        ("Image Size: 320", "Image Size: 3x224x288", [(320, 320)] * 3 + [(224, 288)] * 3),
        ("Image Size: 320", "Layers: 3", [(320, 320)] * 3 + [None] * 3),
        ("Layers: 3", "image size: '299'", [None] * 3 + [(299, 299)] * 3),
    ],
)
def test_a_claim_knows_the_size_its_statement_gives(
    read, own: str, other: str, sizes: list[object]
) -> None:
    results = "Results: [{Dataset: ImageNet, Metrics: {Top 1 Accuracy: 80%}}]"
    part, faults = read(
        f"Models:\n- Name: a\n  Metadata: {{FLOPs: 1, {own}}}\n  {results}\n"
        f"  Reported:\n  - {{Publisher: P, Metadata: {{FLOPs: 2, {other}}}, {results}}}\n"
    )
    assert not faults
    assert [claim.size for claim in part.entries[0].all_claims()] == sizes


@pytest.mark.parametrize(
    ("page", "count"),
    [
        ("no comment", 0),
        ("<!-- just words -->", 0),
        ("<!--\nType: model-index\nModels: []\n-->", 1),
        ("<!--\ntype: 'modelindex'\n-->\ntext\n<!-- x -->\n<!--\n Type : model-index \n-->", 2),
        ("<!--\nType: model-index\nnever closed", 0),
        ("Type: model-index\n<!-- a <!-- b\r\nType: model-index\r\n--> -->", 1),
        ("<!-- Type: model-index --><!--->-->", 1),
    ],
)
def test_blocks_of_a_page(page: str, count: int) -> None:
    found = list(comments(page))
    assert len(found) == count
    assert all(page[offset:].startswith(block) for offset, block in found)


@pytest.mark.usefixtures("cpu_limit")
@pytest.mark.parametrize(
    "page",
    [
        "<!--" * 500_000,
        "<!--" + "\n" * 500_000 + "-->",
        "<!--" + "type:" * 500_000 + "-->",
        "`<!--" + "``<!--" * 400_000 + " -->",
    ],
    ids=["open", "lines", "types", "code spans"],
)
def test_a_hostile_page_is_passed_over_in_bounded_time(page: str) -> None:
    assert not list(comments(page))


def test_every_field_of_the_library_is_kept(read) -> None:
    part, faults = read(
        "Library: {Name: Zoo, Headline: Many, x: [1, 2]}\nModels:\n- {Name: a, Publisher: P}\n"
        "- Name: b"
    )
    assert not faults
    assert [entry.library for entry in part.entries] == [
        {"Name": "Zoo", "Headline": "Many", "x": ["1", "2"]}
    ] * 2
    assert [entry.publisher for entry in part.entries] == ["P", "Zoo"]


def test_the_split_of_a_data_set_is_a_condition(read) -> None:
    index, faults = read(
        "Models:\n- Name: a\n  Results:\n"
        "  - Task: Image Classification\n    Dataset: {Name: digits, Split: train}\n"
        "    Metrics: {Top 1 Accuracy: 100.00%}\n"
        "  - Task: Image Classification\n    Dataset: {Name: digits, Split: test, Config: }\n"
        "    Metrics: {Top 1 Accuracy: 99.00%}\n"
    )
    assert not faults
    assert [(c.dataset, c.conditions) for c in index.entries[0].claims] == [
        ("digits", (("split", "train"),)),
        ("digits", (("split", "test"),)),
    ]


def test_a_setting_of_images_is_not_read_from_metrics(read) -> None:
    index, _ = read(
        "Models:\n- Name: a\n  Metadata: {Mean: 0.5}\n  Results:\n"
        "  - Task: Body Keypoint\n    Dataset: MPII\n    Metrics: {Mean: 90.1, Mean@0.1: 33.3}\n"
    )
    assert [(c.quantity, c.raw) for c in index.entries[0].claims] == [
        ("mean", "0.5"),
        ("other:mean", "90.1"),
        ("other:mean@0.1", "33.3"),
    ]
