"""What a checkpoint holds, told by its list of tensors."""

import pytest

from zoo.weights.contents.name_check import compare_name
from zoo.weights.contents.readings import READINGS
from zoo.weights.contents.summary import Summary, find_wrong_totals, summarise
from zoo.weights.formats import Checkpoint, Tensor
from zoo.weights.formats.base import Extent


def held(*rows: tuple[str, str, tuple[int, ...]], **fields) -> Checkpoint:
    return Checkpoint(format="toy", tensors=tuple(Tensor(*row) for row in rows), **fields)


NORM = (
    ("conv.weight", "float32", (8, 3, 3, 3)),
    ("bn.weight", "float32", (8,)),
    ("bn.bias", "float32", (8,)),
    ("bn.running_mean", "float32", (8,)),
    ("bn.running_var", "float32", (8,)),
    ("bn.num_batches_tracked", "int64", ()),
)


def test_statistics_of_norms_are_buffers() -> None:
    summary = summarise(held(*NORM))
    assert (summary.parameters, summary.problem) == (232, "")
    assert summary.roles == {"parameters": 232, "buffers": 16, "integers": 1}
    assert summary.readings == {"with buffers": 249}
    assert (summary.elements, summary.bytes) == (249, 4 * 248 + 8)
    assert [(d.dtype, d.tensors, d.elements, d.bytes) for d in summary.dtypes] == [
        ("float32", 5, 248, 992),
        ("int64", 1, 1, 8),
    ]


@pytest.mark.parametrize(
    ("name", "shape"),
    [
        ("model.layers.0.self_attn.rotary_emb.inv_freq", (32,)),
        ("rope_freqs.weight", (64,)),
        ("h.0.attn.bias", (1, 1, 64, 64)),
        ("h.0.attn.masked_bias", ()),
    ],
)
def test_tables_and_masks_are_buffers(name: str, shape: tuple[int, ...]) -> None:
    summary = summarise(held(("w", "float32", (4,)), (name, "float32", shape)))
    assert summary.parameters == 4


def test_a_bias_of_attention_is_a_parameter() -> None:
    assert summarise(held(("h.0.attn.bias", "float32", (64,)))).parameters == 64


def test_an_embedding_that_is_stored_twice() -> None:
    embedding = ("model.embed_tokens.weight", "bfloat16", (100, 8))
    head = ("lm_head.weight", "bfloat16", (100, 8))
    rest = ("model.layers.0.weight", "bfloat16", (8, 8))
    assert summarise(held(embedding, head, rest)).readings == {
        "tied once": 864,
        "without embeddings": 64,
    }
    assert summarise(held(embedding, rest)).readings == {
        "tied twice": 1664,
        "without embeddings": 64,
    }


def test_tensors_that_share_their_data_count_once() -> None:
    rows = (
        ("model.embed_tokens.weight", "float32", (100, 8)),
        ("lm_head.weight", "float32", (100, 8)),
    )
    shared = dict.fromkeys((name for name, *_ in rows), Extent("0", 0, (8, 1)))
    summary = summarise(held(*rows, extents=shared))
    assert (summary.parameters, summary.roles) == (800, {"parameters": 800, "shared": 800})
    assert summary.readings["tied twice"] == 1600
    apart = {name: Extent("0", 4 * 800 * n, (8, 1)) for n, (name, *_) in enumerate(rows)}
    assert summarise(held(*rows, extents=apart)).parameters == 1600


def test_packed_weights() -> None:
    summary = summarise(
        held(
            ("q.qweight", "int32", (32, 64)),
            ("q.qzeros", "int32", (2, 8)),
            ("q.scales", "float16", (2, 64)),
            ("norm.weight", "float16", (64,)),
        )
    )
    assert (summary.parameters, summary.widths) == (256 * 64 + 64, {"4": 16384, "16": 64})
    assert summary.roles == {"parameters": 16448, "scales": 144}
    assert summary.readings == {"with scales": 16448 + 144, "as stored": 2048 + 16 + 128 + 64}
    assert summary.schemes == ("GPTQ of 4 bits in int32",)


def test_what_is_not_certain_is_said() -> None:
    rows = [(f"l{n}.weight", "uint32", (64, 32)) for n in range(3)]
    rows += [(f"l{n}.scales", "float16", (64, 4)) for n in range(3)]
    summary = summarise(held(*rows))
    assert (summary.parameters, summary.readings) == (None, {})
    assert summary.problem == (
        "the weights in l0.weight and of 2 more tensors are not known (MLX in uint32: its bits "
        "stand in config.json, and other bits give the same shapes)"
    )
    bare = summarise(held(("w", "int8", (8, 8))))
    assert bare.problem == "the weights in w are not known (integers without scales beside them)"


def test_a_graph_tells_more_than_names() -> None:
    rows = (
        ("w", "float32", (8, 3, 3, 3)),
        ("b", "float32", (8,)),
        ("q", "int8", (4, 4)),
        ("s", "float32", (1,)),
        ("k", "float32", (2, 2)),
    )
    uses = {"b": "convolution bias", "q": "weight", "s": "scale", "k": "constant"}
    summary = summarise(held(*rows, uses=uses))
    assert summary.parameters == 216 + 8 + 16
    assert summary.readings == {
        "norms not folded": 248,
        "with constants": 244,
        "with scales": 241,
    }


def test_every_reading_has_a_row() -> None:
    rows = [("embed_tokens.weight", "float32", (4, 4)), *NORM]
    for summary in (summarise(held(*rows)), summarise(held(("q.qweight", "int32", (4, 4))))):
        assert summary.readings.keys() <= READINGS.keys()


@pytest.mark.parametrize(
    ("total", "wrong"),
    [
        ({"total_size": "32", "total_parameters": "8"}, []),
        ({"total_size": "33"}, ["the index states 33 bytes in all, its shards hold 32"]),
        (
            {"total_parameters": "999"},
            ["the index states 999 parameters in all, its shards hold 8"],
        ),
    ],
)
def test_totals_of_an_index(total: dict[str, str], wrong: list[str]) -> None:
    checkpoint = held(("w", "float32", (8,)), metadata=total, places={"w": "a.safetensors"})
    assert list(find_wrong_totals(checkpoint, summarise(checkpoint))) == wrong


def quantised(dtype: str, share: float = 1.0, weights: int = 7_000_000_000) -> Summary:
    packed = int(weights * share) // 256
    rows = [("w", dtype, (packed, 256)), ("e", "float32", (weights // 256 - packed, 256))]
    return summarise(held(*rows))


@pytest.mark.parametrize(
    ("name", "summary", "agreements", "contradictions"),
    [
        ("x-7B-Q4_K_M.gguf", quantised("Q4_K"), 2, 0),
        ("x-7B-Q4_K_M.gguf", quantised("Q5_0"), 2, 0),  # rows that are no multiple of 256
        ("x-7B-Q4_K_M.gguf", quantised("Q4_K", 0.4), 2, 0),
        ("x-7B-Q4_K_M.gguf", quantised("Q8_0"), 1, 1),
        ("x-8bit", quantised("Q8_0"), 1, 0),
        ("x-4bit", quantised("Q8_0"), 0, 1),
        ("x-fp16", quantised("float16"), 1, 0),
        ("x-fp16", quantised("bfloat16"), 0, 1),
        ("x-13B", quantised("float16"), 0, 1),
        ("x-13B-1M", quantised("float16"), 0, 0),  # which of them is about parameters?
        ("x-13B-00001-of-00002.gguf", quantised("float16"), 0, 0),
        ("resnet50", quantised("float16"), 0, 0),
    ],
)
def test_names(name: str, summary: Summary, agreements: int, contradictions: int) -> None:
    fit = compare_name(name, summary)
    assert (len(fit.agreements), len(fit.contradictions)) == (agreements, contradictions), fit


def test_a_name_may_count_the_embedding_once() -> None:
    rows = (
        ("model.embed_tokens.weight", "bfloat16", (151_936, 1024)),
        ("lm_head.weight", "bfloat16", (151_936, 1024)),
        ("rest", "bfloat16", (440_467_456,)),
    )
    (agreement,) = compare_name("Qwen3-0.6B", summarise(held(*rows))).agreements
    assert agreement == (
        "0.6B of the name is 596,049,920: the embedding once, which the file holds twice"
    )


def test_the_name_of_an_adapter_is_that_of_its_base() -> None:
    summary = summarise(held(("q.lora_A.weight", "float32", (8, 64))))
    assert compare_name("x-7B-lora", summary) == compare_name("x", summary)
