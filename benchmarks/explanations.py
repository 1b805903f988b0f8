"""How often a wrong number is explained by accident, and what explaining costs.

    python benchmarks/explanations.py [--draws 1000] [--index PATH ...]

The first table: claims that are the true values of 50 models times a random factor, log-uniform
from 0.2 to 5 with a fixed seed, go through `zoo verify` as an index of families would, siblings and
copied rows included. The bar is 2% explained, from two printed digits on. With `--index`, the
second: the time of verifying these indexes with explanations over that of counting each model once
at its own size (the same process, the same evidence to write). The bar is 2x.
"""

import argparse
import math
import random
import tempfile
import time
import warnings
from collections import Counter
from collections.abc import Sequence
from pathlib import Path

from zoo.counting.measurer import Measurer
from zoo.model_index.ledger.store import Ledger
from zoo.model_index.load import load
from zoo.model_index.records.records import Entry
from zoo.models.cells import Variant
from zoo.verification.verify import examine

MODELS = """
resnet10t resnet14t resnet18 resnet18d resnet26 resnet34 resnet50 seresnet18 seresnet34
resnext50_32x4d
efficientnet_b0 efficientnet_lite0 efficientnet_es mobilenetv2_050 mobilenetv2_100
mobilenetv3_small_050
mobilenetv3_small_100 mobilenetv3_large_100 mnasnet_050 mnasnet_100
regnetx_002 regnetx_004 regnetx_006 regnety_002 regnety_004 hardcorenas_a spnasnet_100 fbnetc_100
ghostnet_100 tinynet_e
dla34 dla46_c dla46x_c dla60x_c densenet121 vgg11 vgg11_bn vgg13 repvgg_a0 mobileone_s0
vit_tiny_patch16_224 deit_tiny_patch16_224 mixer_s32_224 gmixer_12_224 convnext_atto convnext_femto
convnextv2_atto
levit_128s xcit_nano_12_p16_224 cait_xxs24_224
""".split()
FAMILY = 10  # models a collection
PRECISIONS = (None, 5, 4, 3, 2, 1)
FEWEST_DIGITS = 2  # that the bar is for: one digit says little, and only siblings decide there
SEED = 20261123


def printed(value: float, digits: int | None) -> str:
    """The number in so many digits, as a page prints it; in all of them for None.

    Zeros at the end of a whole number may be digits, so one digit is printed with an exponent.
    """
    if digits is None:
        return str(round(value))
    text = f"{value:.{digits - 1}e}"
    return text if digits == 1 else str(int(float(text)))


def index(
    folder: Path, truth: dict[str, tuple[int, int]], draw: random.Random, digits: int | None
) -> list[Entry]:
    """An index whose every number is wrong by a random factor."""
    lines = (
        ["Collections:"]
        + [f"  - Name: family {n}" for n in range(math.ceil(len(MODELS) / FAMILY))]
        + ["Models:"]
    )
    for number, name in enumerate(MODELS):
        flops, parameters = (
            printed(value * 0.2 * 25 ** draw.random(), digits) for value in truth[name]
        )
        lines += [
            f"  - Name: {name}",
            f"    In Collection: family {number // FAMILY}",
            "    Metadata:",
        ]
        lines += [f"      FLOPs: {flops}", f"      Parameters: {parameters}"]
    file = folder / "index.yml"
    file.write_text("\n".join(lines) + "\n")
    return list(load([file]).entries)


def accidents(draws: int) -> None:
    """Print what share of random claims comes out explained, by quantity and printed digits."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        measurer = Measurer(Ledger(folder / "ledger"))
        truth = {}
        for entry in index(folder, dict.fromkeys(MODELS, (1, 1)), random.Random(0), None):
            evidence = measurer.count(entry, Variant())
            assert evidence and evidence.trace, evidence and evidence.error
            truth[entry.name] = (evidence.trace.macs, evidence.parameters)
        print(
            f"{len(truth)} models, {draws} draws a row, "
            f"factors log-uniform in 0.2 to 5, seed {SEED}"
        )
        print(f"{'digits':>8}  {'quantity':<10}  {'explained':>9}  {'bar':>4}  causes")
        for digits in PRECISIONS:
            draw = random.Random(SEED)
            found = [
                one.finding
                for _ in range(math.ceil(draws / len(MODELS)))
                for _, each in examine(index(folder, truth, draw, digits), measurer)
                for one in each
            ]
            for quantity in ("flops", "parameters"):
                these = [finding for finding in found if finding.claim.quantity == quantity][:draws]
                causes = Counter(
                    finding.cause for finding in these if finding.verdict == "explained"
                )
                share = causes.total() / len(these)
                worst = ", ".join(f"{cause} {number}" for cause, number in causes.most_common(3))
                bar = "2%" if digits is None or digits >= FEWEST_DIGITS else "none"
                print(f"{digits or 'all':>8}  {quantity:<10}  {share:>9.2%}  {bar:>4}  {worst}")


def cost(paths: Sequence[str]) -> None:
    """Print the time of verifying with explanations over counting alone."""
    import timm  # noqa: F401  (its import is in neither of the times)

    entries = list(load(paths).entries)
    with tempfile.TemporaryDirectory() as folder:
        start = time.perf_counter()
        measurer = Measurer(Ledger(Path(folder, "plain")))
        for entry in entries:
            measurer.count(entry, Variant(entry.stated_input))
        plain = time.perf_counter() - start
        start = time.perf_counter()
        explained = Measurer(Ledger(Path(folder, "explained")))
        found = [one.finding for _, each in examine(entries, explained) for one in each]
        full = time.perf_counter() - start
        differing = [
            f
            for f in found
            if f.claim.quantity == "flops" and f.verdict in ("explained", "mismatch")
        ]
        exact = sum(f.verdict == "explained" and f.residual == 0 for f in differing)
        print(
            f"{len(entries)} models: counting {measurer.stats.measured} cells, "
            f"with explanations {explained.stats.measured}"
        )
        print(f"with explanations / counting alone: {full / plain:.2f}x (bar 2x)")
        print(
            f"FLOPs claims that differ: {len(differing)}, "
            f"explained to the last digit: {exact} (bar 85%)"
        )


if __name__ == "__main__":
    warnings.filterwarnings("ignore")
    parser = argparse.ArgumentParser()
    parser.add_argument("--draws", type=int, default=1000)
    parser.add_argument("--index", action="append", default=[])
    arguments = parser.parse_args()
    if arguments.draws:
        accidents(arguments.draws)
    if arguments.index:
        cost(arguments.index)
