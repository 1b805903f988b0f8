"""What builds a model, and the files of its weights."""

from zoo.model_index.quantities.parse import parse_address, parse_bytes, parse_number, parse_text
from zoo.model_index.quantities.quantity import Quantity, TableColumn
from zoo.model_index.quantities.rewrite import write_text
from zoo.model_index.quantities.show import show_address, show_count, show_number

ROWS = (
    Quantity(key="builder", label="Builder", parse=parse_text, check="builder", write=write_text),
    Quantity(
        key="id",
        label="ID",
        parse=parse_text,
        check="identity",
        spellings=("id",),
        write=write_text,
        description="The name timm builds the model by, with its pretrained tag if it has one.",
        examples=("resnet50", "resnet50.a1_in1k"),
    ),
    Quantity(
        key="weights",
        label="Weights",
        parse=parse_address,
        show=show_address,
        check="checkpoint",
        write=write_text,
    ),
    Quantity(
        key="file_size",
        label="File Size",
        unit="bytes",
        parse=parse_bytes,
        show=show_count,
        check="file size",
        spellings=("file size",),
        description="The size of the file of weights.",
        better=-1,
        column=TableColumn(heading="File size", listed=False, axis=True, facet="range"),
        badge=True,
    ),
    Quantity(
        key="bits_per_weight",
        label="Bits per Weight",
        unit="bits",
        parse=parse_number,
        show=show_number,
        check="weight width",
        spellings=("bits per weight", "bits a weight", "bpw"),
        description="The bits of the file of weights for each parameter.",
        better=-1,
        examples=("4.83", "16"),
    ),
)
