"""Tell by a tensor's name whether it is a buffer or an embedding."""

from zoo.weights.formats import Tensor

# Last parts of the names of tensors that a model computes or counts: statistics of batch norms,
# tables of positions and masks.
BUFFERS = frozenset(
    "running_mean running_var moving_mean moving_variance num_batches_tracked inv_freq "
    "original_inv_freq position_ids pos_ids relative_position_index relative_coords_table "
    "attn_mask masked_bias cos_cached sin_cached freqs_cis rotary_pos_emb".split()
)
# Of GGUF: factors of rotary positions.
GGUF_BUFFERS = frozenset(("rope_freqs", "rope_factors_long", "rope_factors_short"))
# Endings of the weights that look tokens up, and of those that give the logits of tokens: models
# may use the same values for both.
INPUT_EMBEDDINGS = (
    "embed_tokens.weight",
    "tok_embeddings.weight",
    "token_embd.weight",
    "wte.weight",
    "word_embeddings.weight",
    "embed_in.weight",
    "shared.weight",
)
OUTPUT_EMBEDDINGS = ("lm_head.weight", "embed_out.weight", "predictions.decoder.weight")
OUTPUT_NAMES = frozenset(("output.weight",))  # of llama.cpp and Meta's own files


def is_buffer(tensor: Tensor) -> bool:
    """Return whether a tensor's name is that of a buffer of floating-point numbers."""
    parts = tensor.name.split(".")
    if parts[-1] in BUFFERS or (len(parts) > 1 and parts[-2] in GGUF_BUFFERS):
        return True
    # GPT-2's mask of causal attention: (1, 1, length, length)
    mask = len(tensor.shape) == 4 and tensor.shape[:2] == (1, 1)
    return mask and tensor.name.endswith(("attn.bias", "attention.bias"))


def is_adapter(tensor: Tensor) -> bool:
    """Return whether a tensor is a change to a weight of another checkpoint (LoRA)."""
    return ".lora_" in tensor.name or tensor.name.endswith((".lora_a", ".lora_b"))


def is_input_embedding(name: str) -> bool:
    return name.endswith(INPUT_EMBEDDINGS)


def is_output_embedding(name: str) -> bool:
    return name.endswith(OUTPUT_EMBEDDINGS) or name in OUTPUT_NAMES
