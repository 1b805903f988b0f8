"""Quality of images that a model restores or generates."""

from decimal import Decimal

from zoo.model_index.quantities.parse import parse_number
from zoo.model_index.quantities.rows.metrics import LOWER, number_metric

RESTORATION = "image restoration"
GENERATION = "image generation"
ONE = Decimal(1)
FRACTION = "A fraction: 1 for equal images."

ROWS = (
    number_metric(
        "psnr",
        "PSNR",
        RESTORATION,
        ("psnr", "psnr (db)", "peak signal to noise ratio"),
        parse=parse_number,
        unit="dB",
    ),
    number_metric(
        "ssim", "SSIM", RESTORATION, ("ssim",), parse=parse_number, description=FRACTION, most=ONE
    ),
    number_metric(
        "ms_ssim",
        "MS-SSIM",
        RESTORATION,
        ("ms ssim",),
        parse=parse_number,
        description=FRACTION,
        most=ONE,
    ),
    number_metric(
        "lpips",
        "LPIPS",
        RESTORATION,
        ("lpips",),
        parse=parse_number,
        better=LOWER,
        description="A distance: 0 for equal images.",
    ),
    number_metric("niqe", "NIQE", RESTORATION, ("niqe",), parse=parse_number, better=LOWER),
    number_metric(
        "fid",
        "FID",
        GENERATION,
        ("fid", "frechet inception distance", "fid 50 k"),
        parse=parse_number,
        better=LOWER,
    ),
    number_metric(
        "inception_score",
        "Inception Score",
        GENERATION,
        ("inception score", "is"),
        parse=parse_number,
    ),
)
