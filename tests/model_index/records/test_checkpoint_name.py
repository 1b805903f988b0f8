"""Names of models and their files, and what they state."""

from decimal import Decimal

import pytest

from zoo.model_index.records.checkpoint_name import read_name


@pytest.mark.parametrize(
    ("name", "counts"),
    [
        ("tiny-7B-Q4_K_M.gguf", ["7B"]),
        ("SmolLM-135M", ["135M"]),
        ("Qwen2.5-0.5b-instruct", ["0.5b"]),
        ("Qwen2.5-7B-Instruct-1M", ["7B", "1M"]),
        ("T0_3B", []),
        ("stablelm-2-1_6b", []),  # 1.6 billion
        ("net_3B", ["3B"]),
        ("Mixtral-8x7B-v0.1", []),  # eight of seven that share a part
        ("Qwen3-30B-A3B", ["30B"]),
        ("bloomz-7b1", []),
        ("vit_base.laion-2B", []),
        ("vit_large_patch14_clip_224.laion2b", []),
        ("cc-12m", []),
        ("efficientnet_b7", []),
        ("resnet50", []),
        ("sam_vit_b_01ec64", []),
    ],
)
def test_counts(name: str, counts: list[str]) -> None:
    assert [count.text for count in read_name(name).counts] == counts


@pytest.mark.parametrize(
    ("name", "number", "fits"),
    [
        ("Mistral-7B", 7_241_732_096, True),
        ("Qwen2.5-7B", 7_615_616_512, True),  # cut off
        ("llama-2-70b", 68_976_648_192, True),
        ("falcon-40b", 41_837_502_464, True),  # a zero at the end is no digit
        ("opt-6.7b", 6_658_473_984, True),
        ("Qwen3-0.6B", 751_632_384, False),
        ("tiny-7B", 196_608, False),
        ("x-7B", 8_000_000_000, False),
        ("x-1.5B", 1_599_999_999, True),
    ],
)
def test_a_count_fits_within_its_digits(name: str, number: int, fits: bool) -> None:
    (count,) = read_name(name).counts
    assert count.fits(number) is fits


def test_a_count_of_nothing_is_no_error() -> None:
    assert read_name("x-0.0b").counts[0].value == Decimal(0)


@pytest.mark.parametrize(
    ("name", "bits", "dtype"),
    [
        ("x-Q4_K_M.gguf", 4, ""),
        ("x.Q8_0", 8, ""),
        ("x-IQ2_XXS", 2, ""),
        ("x-UD-Q5_K_XL.gguf", 5, ""),
        ("x-F16.gguf", 16, "float16"),
        ("x-BF16.gguf", 16, "bfloat16"),
        ("resnet50-fp16", 16, "float16"),
        ("x_bf16", 16, "bfloat16"),
        ("x-FP8", 8, "float8"),
        ("x-8bit", 8, ""),
        ("Llama-3-8B-bnb-4bit", 4, ""),
        ("model_q4f16.onnx", 4, ""),
        ("model_int8.onnx", 8, ""),
        ("x-w4a16", 4, ""),
        ("x-MXFP4", 4, ""),
    ],
)
def test_widths(name: str, bits: int, dtype: str) -> None:
    width = read_name(name).width
    assert width is not None and (width.bits, width.dtype) == (bits, dtype)
    assert width.band[0] <= bits <= width.band[1]


@pytest.mark.parametrize(
    "name", ["vae-kl-f16", "kl-f8", "resnet50", "e5-small-v2", "q7x", "8bits2"]
)
def test_names_without_a_width(name: str) -> None:
    assert read_name(name).width is None


def test_parts() -> None:
    assert read_name("model-00002-of-00003.safetensors").part == (2, 3)
    assert read_name("x-Q4_K_M-00001-of-00002.gguf").part == (1, 2)
    assert read_name("model-2-of-3.safetensors").part is None


@pytest.mark.parametrize(
    ("name", "component"),
    [
        ("mmproj-Qwen2.5-VL-7B-f16.gguf", True),
        ("llama-7b-lora", True),
        ("EAGLE3-LLaMA3.1-8B", True),
        ("flux-12B-vae.safetensors", True),
        ("explorer-7B", False),
        ("Qwen3-Embedding-0.6B", False),
    ],
)
def test_files_that_belong_to_a_model(name: str, component: bool) -> None:
    assert read_name(name).component is component
