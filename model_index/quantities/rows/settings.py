"""Settings of the pretrained weights."""

from zoo.model_index.quantities.parse import parse_channels, parse_number, parse_size, parse_text
from zoo.model_index.quantities.quantity import Quantity, TableColumn
from zoo.model_index.quantities.rewrite import write_setting, write_size, write_text
from zoo.model_index.quantities.show import show_number, show_size

SETTING = "A setting of the pretrained weights."

ROWS = (
    Quantity(
        key="image_size",
        label="Image Size",
        unit="pixels",
        parse=parse_size,
        show=show_size,
        check="configuration",
        spellings=("image size",),
        write=write_size,
        description=SETTING,
    ),
    Quantity(
        key="crop_pct",
        label="Crop Pct",
        unit="fraction",
        parse=parse_number,
        show=show_number,
        check="configuration",
        spellings=("crop pct",),
        write=write_setting,
        description=SETTING,
        column=TableColumn(heading="Crop fraction", listed=False),
    ),
    Quantity(
        key="interpolation",
        label="Interpolation",
        parse=parse_text,
        check="configuration",
        spellings=("interpolation",),
        write=write_text,
        description=SETTING,
        examples=("bicubic", "bilinear", "nearest"),
    ),
    Quantity(
        key="crop_mode",
        label="Crop Mode",
        parse=parse_text,
        check="configuration",
        spellings=("crop mode",),
        write=write_text,
        description=SETTING,
    ),
    Quantity(
        key="mean",
        label="Mean",
        parse=parse_channels,
        check="configuration",
        spellings=("mean",),
        write=None,
        several=True,
        description=SETTING,
    ),
    Quantity(
        key="std",
        label="Std",
        parse=parse_channels,
        check="configuration",
        spellings=("std",),
        write=None,
        several=True,
        description=SETTING,
    ),
)
