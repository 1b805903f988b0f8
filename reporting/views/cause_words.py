"""Say causes of the explanation chapter in the language of a page.

The labels of hypotheses are made of parts that tables of another package hold; each part is a
message here. A test compares both.
"""

import re
from functools import lru_cache

from zoo.reporting.i18n.gettext import N_, _, current

PARTS = (
    # conventions
    N_("one operation per multiply-add"),
    N_("two operations per multiply-add"),
    N_("convolution and linear layers only"),
    N_("fused attention left out"),
    N_("multiply-adds and biases"),
    N_("torchinfo's convention"),
    N_("fvcore's convention"),
    N_("thop's convention"),
    N_("convolutions only"),
    N_("thop 0.1's convention"),
    N_("ptflops' convention"),
    N_("mmcv's convention"),
    N_("mmcv's convention up to the classifier"),
    N_("mmengine's convention up to the classifier"),
    N_("Paddle's model_stat convention with batch norm folded"),
    # kinds of parameters
    N_("all parameters"),
    N_("trainable parameters only"),
    N_("parameters and buffers"),
    N_("parameters without modules that evaluation does not run"),
    N_("parameters of the innermost modules only"),
    N_("parameters with batch norms folded into the convolutions"),
    N_("parameters without the convolutions' biases"),
    N_("parameters without the last norm"),
    N_("the parameters of the layers thop hooks"),
    # activations
    N_("outputs of layers with weights"),
    N_("outputs of layers and of matrix products"),
    N_("outputs of convolutions"),
    # other models
    N_("without the classifier"),
    N_("in training mode, with its auxiliary heads"),
    N_("in its fused form"),
    N_("ResNet v1 (stride in the 1x1 convolutions)"),
    N_("GoogLeNet with the 5x5 branches of its paper"),
    # slips
    N_("with the decimal point one place too far right"),
    N_("with the decimal point one place too far left"),
    N_("in a unit a thousand times too large"),
    N_("in a unit a thousand times too small"),
    N_("with the decimal point two places too far right"),
    N_("with the decimal point two places too far left"),
    N_("in a unit a million times too large"),
    N_("in millions, the unit left out"),
    N_("in billions, the unit left out"),
    N_("in units of 2^20 named as millions"),
    N_("in units of 2^30 named as billions"),
    N_("in millions named as units of 2^20"),
    N_("in MiB named MB"),
    N_("in MB named MiB"),
    N_("as a fraction where percent are meant"),
    N_("as the error, not the accuracy"),
    N_("digits cut off instead of rounded"),
)
LONGEST_FIRST = re.compile("|".join(map(re.escape, sorted(PARTS, key=len, reverse=True))))
PATTERNS = (
    (re.compile(r"^twice (.+)$"), N_("twice %(rest)s")),
    (re.compile(r"^with ([\d,]+) classes$"), N_("with %(rest)s classes")),
    (re.compile(r"^the value of (.+)$"), N_("the value of %(rest)s")),
    (re.compile(r"^the value published for (.+)$"), N_("the value published for %(rest)s")),
)
# What the terms of a sum are called for a reader; others by their own name.
TERMS = {
    "conv": N_("convolutions"),
    "conv bias": N_("bias"),
    "linear": N_("linear layers"),
    "linear bias": N_("bias of linear layers"),
    "pooling": N_("pooling"),
    "norm": N_("normalisation"),
    "activation": N_("activations"),
    "matmul": N_("matrix products"),
    "attention": N_("attention"),
}
SIZE = re.compile(r"^(.+) at (\d+)x(\d+)$")


def cause_text(label: str) -> str:
    """Return the label of a hypothesis in the language of the page: `two operations per
    multiply-add, in units of 2^20 named as millions`."""
    return _text(label, current())


@lru_cache(maxsize=4096)  # models are counted in the same ways
def _text(label: str, language: str) -> str:
    if match := SIZE.match(label):
        rest = {"rule": cause_text(match[1]), "size": f"{match[2]}×{match[3]}"}
        return _("%(rule)s at %(size)s", **rest)
    for pattern, message in PATTERNS:
        if match := pattern.match(label):
            return _(message, rest=cause_text(match[1]))
    return LONGEST_FIRST.sub(lambda match: _(match[0]), label)


def term_text(name: str) -> str:
    """Return what a term of a sum is called in the language of the page; others by their name."""
    return _(TERMS.get(name, name))
