"""The class of each operator, by name; an in-place variant (`relu_`) is in its operator's class."""

# Products of two matrices or vectors, the left one first; those of integers have packed weights.
PRODUCTS = (
    "mm bmm mv dot _int_mm _scaled_mm "
    "_weight_int8pack_mm _weight_int4pack_mm _weight_int4pack_mm_for_cpu "
    "_weight_int4pack_mm_with_scales_and_zeros"
).split()

# Operators that do work and get a row. An operator in no table is unknown: see
# `zoo.counting.tracer`.
KINDS = {
    "convolution": "convolution _convolution",
    "matmul": f"addmm _addmm_activation baddbmm addbmm addmv {' '.join(PRODUCTS)}",
    "normalisation": (
        "native_batch_norm _native_batch_norm_legit_no_training _native_batch_norm_legit "
        "cudnn_batch_norm native_layer_norm native_group_norm _fused_rms_norm"
    ),
    "pooling": (
        "max_pool2d_with_indices max_pool3d_with_indices avg_pool1d avg_pool2d avg_pool3d "
        "_adaptive_avg_pool2d _adaptive_avg_pool3d adaptive_max_pool2d mean amax "
        "upsample_nearest1d upsample_nearest2d upsample_nearest3d upsample_linear1d "
        "upsample_bilinear2d upsample_bicubic2d upsample_trilinear3d grid_sampler_2d "
        "grid_sampler_3d "
        "torchvision::roi_align torchvision::roi_pool"
    ),
    "activation": (
        "relu gelu silu sigmoid tanh hardtanh hardswish hardsigmoid leaky_relu elu mish softplus "
        "_softmax _safe_softmax _log_softmax _prelu_kernel log_sigmoid_forward clamp clamp_min "
        "clamp_max exp"
    ),
    "elementwise": (
        "add sub rsub mul div pow sqrt rsqrt neg abs sum where masked_fill maximum minimum "
        "linalg_vector_norm var var_mean std cos sin log reciprocal lerp addcmul square floor "
        "remainder bernoulli index_add scatter_add scatter_reduce _embedding_bag "
        "_embedding_bag_forward_only _weight_norm_interface addcdiv atan2 fmod hypot xlogy "
        "logaddexp polar"
    ),
}
KIND_OF = {name: kind for kind, names in KINDS.items() for name in names.split()}

# Operators that move, cut, compare or fill: no arithmetic that deserves a row.
SILENT = frozenset(
    "empty empty_like new_empty zeros zeros_like ones ones_like new_zeros new_ones full "
    "full_like new_full arange linspace scalar_tensor cat stack copy clone contiguous _to_copy "
    "_unsafe_view embedding index index_select gather roll repeat pad constant_pad_nd "
    "reflection_pad2d replication_pad2d flip tril triu eq ne lt gt le ge logical_and logical_or "
    "logical_not bitwise_not bitwise_and bitwise_or fill zero lift_fresh nonzero detach "
    "unsafe_split unsafe_split_with_sizes unsafe_chunk transpose squeeze unsqueeze index_put "
    "masked_scatter _local_scalar_dense topk sort argsort argmax scatter pixel_shuffle "
    "pixel_unshuffle im2col col2im unfold _reshape_alias select_scatter slice_scatter "
    "repeat_interleave complex masked_select bucketize searchsorted isin logical_xor index_copy "
    "index_fill take torchvision::nms".split()
)

# Public functions whose calls keep their name, and the class of the operators they call.
POOLINGS = ("adaptive_avg_pool2d", "adaptive_avg_pool1d", "avg_pool2d", "max_pool2d")
NORMS = ("batch_norm", "layer_norm", "group_norm", "instance_norm")
CONVOLUTIONS = ("conv1d", "conv2d", "conv3d")
TRANSPOSED_CONVOLUTIONS = ("conv_transpose1d", "conv_transpose2d", "conv_transpose3d")
NAMED = {
    "scaled_dot_product_attention": "attention",
    "linear": "linear",
    **dict.fromkeys(POOLINGS, "pooling"),
    **dict.fromkeys(NORMS, "normalisation"),
    **dict.fromkeys((*CONVOLUTIONS, *TRANSPOSED_CONVOLUTIONS), "convolution"),
}


def plain_name(schema: str) -> str:
    """Return `relu` for `aten::relu_`; operators of other libraries keep their namespace and match
    no table."""
    return (
        schema.removeprefix("aten::").removesuffix("_") if schema.startswith("aten::") else schema
    )
