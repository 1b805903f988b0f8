"""Parts of an index in files of their own, and what a model inherits from its collections."""

from decimal import Decimal

import pytest

RESULT = (
    '{"Task": "Image Classification", "Dataset": "ImageNet", "Metrics": {"Top 1 Accuracy": "76.1"}}'
)
EVERYWHERE = {
    "model-index.yml": "Library: lib.yml\nCollections: cols.yml\nModels:\n- docs/rex.md\n"
    "- Name: two\n"
    "  In_Collection: C\n  Metadata:\n  - meta/a.json\n  - {Epochs: 5}\n  Results: meta/r*.json\n"
    "Import: more/*.yml\n",
    "lib.yml": "{Name: Zoo, Docs: d}",
    "cols.yml": "- Name: C\n  Metadata: {Epochs: 90, Batch Size: 1}\n",
    "docs/rex.md": "<!--\nType: model-index\nName: rex\nMetadata: {FLOPs: 1}\n-->\ntext\n"
    "<!--\nType: model-index\nResults:\n- {Dataset: D, Metrics: [{Name: top1, Value: 9}]}\n-->\n",
    "meta/a.json": '{"metadata": {"FLOPs": "4.1 G", "Epochs": 7}}',
    "meta/r1.json": f'{{"Results": [{RESULT}]}}',
    "meta/r2.json": f"[{RESULT}]",
    "more/m.yml": "Models: {Name: four}",
}


def test_every_part_may_stand_in_a_file(files) -> None:
    index = files(EVERYWHERE)
    assert [(e.name, e.collection, e.publisher, e.source) for e in index.entries] == [
        ("rex", None, "Zoo", "d"), ("two", "C", "Zoo", "d"), ("four", None, "Zoo", "d"),
    ]  # fmt: skip
    rex, two, _ = index.entries
    assert [(c.quantity, c.raw, c.dataset, str(c.place)) for c in rex.claims] == [
        ("flops", "1", None, "docs/rex.md:4"), ("top1", "9", "D", "docs/rex.md:10"),
    ]  # fmt: skip
    assert [(c.quantity, c.raw, str(c.place)) for c in two.claims] == [
        ("epochs", "5", "model-index.yml:9"),
        ("batch_size", "1", "cols.yml:2"),
        ("flops", "4.1 G", "meta/a.json:1"),
        ("top1", "76.1", "meta/r1.json:1"),
        ("top1", "76.1", "meta/r2.json:1"),
    ]
    assert two.metadata == {"Epochs": "5", "Batch Size": "1", "FLOPs": "4.1 G"}
    assert index.files == ("model-index.yml", "lib.yml", "cols.yml", "docs/rex.md", "meta/a.json",
                           "meta/r1.json", "meta/r2.json", "more/m.yml")  # fmt: skip


@pytest.mark.parametrize(
    ("collection", "model", "metadata"),
    [
        ("{A: [x]}", "{A: [y]}", {"A": ["x", "y"]}),
        ("{A: [x]}", "{a: y}", {"a": ["x", "y"]}),
        ("{A: x}", "{A: [y]}", {"A": ["y"]}),
        ("{Batch Size: 1}", "{batch_size: 2}", {"batch_size": "2"}),
        ("{A: {b: 1, c: 1}}", "{A: {c: 2, d: 2}}", {"A": {"b": "1", "c": "2", "d": "2"}}),
        ("{A: 1}", "{A: }", {"A": None}),
        ("{A: 1}", "[{B: 2}, {B: 3, C: 3}]", {"A": "1", "B": "3", "C": "3"}),
    ],
)
def test_lists_extend_mappings_join_scalars_override(
    files, collection: str, model: str, metadata: dict
) -> None:
    text = f"Collections: [{{Name: C, Metadata: {collection}}}]\n"
    text += f"Models: [{{Name: a, In Collection: C, Metadata: {model}}}]"
    assert files({"a.yml": text}).entries[0].metadata == metadata


def test_fields_results_and_settings_are_inherited(files) -> None:
    text = """
Collections:
- {Name: C, Paper: p, Weights: w, Full Name: Cs, Metadata: {Image Size: 96, FLOPs: 5},
   Results: [{Dataset: D, Metrics: {Top 1 Accuracy: 70}}]}
- {Name: E, Weights: v, Code: c}
Models:
- {Name: a, In Collection: [C, E], Metadata: {FLOPs: 6},
   Results: {Dataset: F, Metrics: {Top 1 Accuracy: 71}}}
- {Name: b, In Collection: E, code: own}
- {Name: c, In Collection: Nowhere}
"""
    a, b, c = files({"a.yml": text}).entries
    assert a.inherited == {"Paper": "p", "Weights": "v", "Full Name": "Cs", "Code": "c"}
    assert (a.collection, a.image_size, a.weights) == ("C", (96, 96), ("v",))
    assert [(x.raw, x.dataset, x.size) for x in a.claims] == [
        ("96", None, (96, 96)), ("6", None, (96, 96)), ("70", "D", (96, 96)), ("71", "F", (96, 96)),
    ]  # fmt: skip
    assert (b.text("code"), b.inherited) == ("own", {"Weights": "v"})
    assert (c.collection, c.inherited, c.metadata) == ("Nowhere", {}, {})


def test_a_collection_of_the_same_file_is_meant(files) -> None:
    one = "Collections: [{Name: C, Metadata: {A: 1}}]\nModels: [{Name: a, In Collection: C}]"
    other = "Collections: [{Name: C, Metadata: {A: 2}}]\nModels: [{Name: b, In Collection: C}]"
    index = files({"a.yml": one, "b.yml": other}, "a.yml", "b.yml")
    assert [entry.metadata for entry in index.entries] == [{"A": "1"}, {"A": "2"}]


def test_values_with_conditions(files) -> None:
    text = """
Models:
- Name: a
  Metadata:
    Params (M): 25.6
    GMACs: 4.1 G
    inference time (ms/im):
    - {value: 57.14, hardware: V100, batch size: 1, resolution: "(800, 1333)"}
    - {value: , hardware: T4}
    inference_time (s/im): {value: 0.145, mode: FP32}
"""
    claims = files({"a.yml": text}).entries[0].claims
    assert [(c.quantity, c.value, c.printed, c.conditions, c.place.line) for c in claims] == [
        ("parameters", 25600000, "25.6 M", (), 5),
        ("flops", 4100000000, "4.1 G", (), 6),
        ("inference_time", Decimal("57.14"), "57.14 ms",
         (("hardware", "V100"), ("batch size", "1"), ("resolution", "(800, 1333)")), 8),
        ("inference_time", 145, "0.145 s", (("mode", "FP32"),), 10),
    ]  # fmt: skip


METRICS = [
    ("{Top 1 Accuracy: 80}", [("top1", "80")]),
    (
        "[{Name: Top 1 Accuracy, Value: 80}, {name: FPS, value: 3}]",
        [("top1", "80"), ("other:fps", "3")],
    ),
    ("[{Top 1 Accuracy: 80}, {top5: 90}]", [("top1", "80"), ("top5", "90")]),
    ("[{type: accuracy, value: 80}]", [("top1", "80")]),
    ("{Accuracy: 80}", [("top1", "80")]),
    ("{mIoU: 80}", [("miou", "80")]),
    ("{Notes: none, Link: 'https://a.b/1', Rank: 3}", [("other:rank", "3")]),
    ("{Vid4: {PSNR: 24.4}}", [("other:vid4 psnr", "24.4")]),
    ("{PSNR/<br>SSIM (RGB): {PSNR: 24.4, SSIM: 0.9}}", [("psnr", "24.4"), ("ssim", "0.9")]),
    ("", []),
]


@pytest.mark.parametrize(("metrics", "claims"), METRICS)
def test_forms_of_metrics(files, metrics: str, claims: list[tuple[str, str]]) -> None:
    text = (
        f"Models:\n- Name: a\n  Results:\n  - {{Task: {{Type: x, Name: Image Classification}}, "
        f"Metrics: {metrics}}}"
    )
    assert [(c.quantity, c.raw) for c in files({"a.yml": text}).entries[0].claims] == claims


def test_accuracy_of_another_task_is_not_top_1(files) -> None:
    text = "Models:\n- Name: a\n  Results: {Task: Token Classification, Metrics: {Accuracy: 80}}"
    assert [c.quantity for c in files({"a.yml": text}).entries[0].claims] == ["accuracy"]


@pytest.mark.parametrize(
    ("contents", "message"),
    [
        ({"a.yml": "Models: b.yml", "b.yml": "Models: a.yml"},
         "b.yml:1: Models: expected files that do not import each other, got 'a.yml', a cycle back "
         "to a.yml"),
        ({"a.yml": "Models:\n- Name: a\n  Metadata: a.yml"},
         "a.yml:3: Models[0].Metadata: expected files that do not import each other, got 'a.yml', "
         "a cycle back to a.yml"),
        ({"a.yml": "Models:\n- Name: a\n  Metadata: /etc/passwd"},
         "a.yml:3: Models[0].Metadata: expected a path in this index, got '/etc/passwd', which "
         "lies outside"),
        ({"a.yml": "Models:\n- Name: a\n  Results: r*.yml"},
         "a.yml:3: Models[0].Results: expected an existing file, got 'r*.yml', which matches "
         "nothing"),
        ({"a.yml": "Library: https://example.org/l.yml\nModels: []"},
         "a.yml:1: Library: expected a path in this index, got the address "
         "'https://example.org/l.yml', which is not followed"),
        ({"a.yml": "Models: [{Name: a, Metadata: m.yml}, {Name: b, Metadata: m.yml}]",
          "m.yml": "FLOPs: many"},
         "m.yml:1: FLOPs: expected a count, got 'many'"),
        ({"a.yml": "Models: b.yml", "b.yml": "- Name: b\n- [c]"},
         "b.yml:2: [1]: expected a mapping, got a list"),
    ],
)  # fmt: skip
def test_faults_of_parts(files, faults_of, contents: dict[str, str], message: str) -> None:
    assert faults_of(lambda: files(contents, "a.yml")) == [message]


def test_a_file_of_models_is_not_read_again_beside_its_parent(files) -> None:
    contents = {
        "z/all.yml": "Models: [one.yml]\nImport: two.yml",
        "z/one.yml": "Models: [{Name: one}]",
        "z/two.yml": "Models: [{Name: two}]",
    }
    assert sorted(entry.name for entry in files(contents, "z").entries) == ["one", "two"]


def test_a_library_that_is_imported(files) -> None:
    index = files({"a.yml": "Import: l.yml\nModels: [{Name: a}]", "l.yml": "Library: {Name: Zoo}"})
    assert index.entries[0].publisher == "Zoo"


def test_json_with_characters_beyond_the_first_plane(files) -> None:
    text = (
        '{"Models": [\n {"Name": "\\ud83d\\ude00", "x": "\\\\ud83d\\ude00",\n'
        '  "Metadata": {"FLOPs": "12"}}]}'
    )
    (entry,) = files({"a.json": text.replace('\\ude00",\n', '\\u00e9",\n')}).entries
    assert (entry.name, entry.fields["x"], str(entry.claims[0].place)) == (
        "😀",
        "\\ud83dé",
        "a.json:3",
    )
    place = entry.claims[0].place
    assert (place.column, text.replace('\\ude00",\n', '\\u00e9",\n')[place.start : place.end]) == (
        25,
        '"12"',
    )


def test_a_collection_counts_once(files) -> None:
    result = "{Dataset: D, Metrics: {Top 1 Accuracy: 70}}"
    text = (
        f"Collections: [{{Name: C, Results: [{result}]}}]\n"
        f"Models: [{{Name: a, In Collection: [C, C]}}]"
    )
    assert len(files({"a.yml": text}).entries[0].claims) == 1


def test_a_quantity_is_overridden_under_another_spelling(files) -> None:
    text = "Collections: [{Name: C, Metadata: {Params: 3 M}}]\n"
    text += "Models: [{Name: a, In Collection: C, Metadata: {Parameters: 4 M}}]"
    (entry,) = files({"a.yml": text}).entries
    assert ([claim.raw for claim in entry.claims], entry.metadata) == (
        ["4 M"],
        {"Parameters": "4 M"},
    )


def test_a_file_of_models_named_twice_is_read_once(files) -> None:
    index = files(
        {"a.yml": "Models: [sub/*.yml, sub/b.yml]", "sub/b.yml": "Name: b\nMetadata: {FLOPs: 1}"}
    )
    assert [entry.name for entry in index.entries] == ["b"]


@pytest.mark.parametrize("odd", ["\u2028", "\u2029", "\x85", "\r"])
def test_lines_are_those_of_editors_and_git(files, odd: str) -> None:
    text = f'Models:\n- Name: a\n  Note: "x{odd}y"\n  Metadata:\n    FLOPs: 12\n'
    (claim,) = files({"a.yml": text.encode()}).entries[0].claims
    assert (claim.place.line, claim.place.column, text[claim.place.start : claim.place.end]) == (
        5,
        12,
        "12",
    )


def test_the_type_of_a_task_says_what_its_accuracy_is(files) -> None:
    text = "Models:\n- Name: a\n  Results:\n  - Task: {type: image-classification, name: Mine}\n"
    text += "    Metrics: [{type: accuracy, value: 70}]"
    assert [claim.quantity for claim in files({"a.yml": text}).entries[0].claims] == ["top1"]


def test_merge_keys_are_merged_in_every_field(files) -> None:
    text = "x: &m {FLOPs: 4 G, Epochs: 9}\nModels:\n- {Name: a, Metadata: {<<: *m, Epochs: 5}}\n"
    (entry,) = files({"a.yml": text}).entries
    assert (entry.metadata, entry.fields["Metadata"]) == ({"FLOPs": "4 G", "Epochs": "5"},) * 2


def test_a_spread_is_a_condition_of_its_number(files) -> None:
    text = """
Models:
- Name: a
  Results:
  - Task: Image Classification
    Dataset: D
    Metrics: {Top 1 Accuracy: 78.3 ± 0.2, Top 5 Accuracy: '94.1 +/- 0.1', mIoU: 40±1%}
"""
    (entry,) = files({"a.yml": text}).entries
    assert [(c.quantity, c.raw, c.conditions) for c in entry.claims] == [
        ("top1", "78.3", (("±", "0.2"),)),
        ("top5", "94.1", (("±", "0.1"),)),
        ("miou", "40", (("±", "1%"),)),
    ]
    places = [text[c.place.start : c.place.end] for c in entry.claims]
    assert places == [claim.raw for claim in entry.claims]


def test_what_stands_beside_the_metrics_of_a_result_are_conditions(files) -> None:
    text = (
        "Models: [{Name: a, Metadata: {Training Resources: 8x V100, Training Memory (GB): 4.4, "
        "Epochs: 12}, Results: [{Task: Object Detection, Dataset: COCO, Split: val, Backbone: R50, "
        "Shots: 10, Metrics: {box AP: 39, 5-shot F1: 3}}]}]"
    )
    (entry,) = files({"a.yml": text}).entries
    beside = (("split", "val"), ("shots", "10"), ("backbone", "R50"))
    assert [(c.quantity, c.conditions) for c in entry.claims] == [
        ("training_memory", (("hardware", "8x V100"),)),
        ("epochs", ()),
        ("box_ap", beside),
        ("f1", (("shots", "5"), ("split", "val"), ("backbone", "R50"))),
    ]
