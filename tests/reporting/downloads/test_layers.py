"""The layers of a model in its JSON: small, and the whole table."""

import json

import pytest

from zoo.model_index.ledger.trace import Part, Row, Trace
from zoo.reporting.downloads import model_json
from zoo.reporting.downloads.layers import COLUMNS, Layers, expand, layers_of, pack, unpack
from zoo.reporting.pages.settings import Settings
from zoo.reporting.site.render import site_of
from zoo.reporting.views.catalogue import Zoo

CONV = "torch.nn.modules.conv.Conv2d"


class Traced:
    """A model that is its trace."""

    another = ""

    def __init__(self, rows: tuple[Row, ...], parts: tuple[Part, ...] = ()) -> None:
        self.trace, self.parts = Trace(((1, 3, 2, 2),), rows), parts


def conv(module: str, macs: int = 10) -> Row:
    return Row("conv2d", "convolution", module, CONV, macs)


def table(*modules: str) -> Layers:
    layers = layers_of(Traced(tuple(map(conv, modules))))  # type: ignore[arg-type]
    assert layers is not None
    return layers


def test_a_row_for_each_layer(toy: Zoo) -> None:
    layers = layers_of(site_of(toy, Settings()).catalogue.models[0])
    assert layers is not None and layers.columns == COLUMNS
    assert dict(expand(layers)) == {
        "stem": ("Conv2d", 1, 1000000, 12345, 3072, 4096),
        "act": ("ReLU", 1, 0, 0, 4096, 4096),
    }


def test_names_come_back_whatever_the_order() -> None:
    modules = ("", "a", "a.b.c", "a.b.d", "e.10.f", "e.2.f", "a.b", "a.b.c.g", "h")
    assert [name for name, _row in expand(table(*modules))] == list(modules)


def test_layers_that_are_alike_share_a_row() -> None:
    layers = table("blocks.0.conv", "blocks.1.conv", "blocks.2.conv")
    assert len(layers.rows) == 1
    assert layers.tree == [
        (1, "blocks", None),
        (2, "0", None),
        (3, "conv", 0),
        (2, "1", None),
        (3, "conv", 0),
        (2, "2", None),
        (3, "conv", 0),
    ]


def test_layers_come_back_from_little_text() -> None:
    layers = table(*(f"blocks.{n}.conv" for n in range(1000)))
    text = pack(layers) or ""
    assert unpack(text) == layers and len(text) < 6000 and pack(None) is None


@pytest.mark.parametrize("text", ["no base64!", "bm8gemxpYg=="])
def test_other_text_is_no_layers(text: str) -> None:
    with pytest.raises(ValueError):
        unpack(text)


def test_modules_that_did_not_run_come_last() -> None:
    part = Part("unused", CONV, 30, 30, 0, 0)
    layers = layers_of(Traced((conv("a"),), (part,)))  # type: ignore[arg-type]
    assert layers is not None
    assert list(expand(layers))[-1] == ("unused", ("Conv2d", 0, 0, 30, 0, 0))


def test_the_record_of_a_model_has_its_layers(toy: Zoo) -> None:
    files = {file.path: file.data for file in model_json.files(site_of(toy, Settings()))}
    record = json.loads(files["downloads/models/net10.json"])
    assert unpack(record["layers"]).tree == [(1, "stem", 0), (1, "act", 1)]
    assert "layers" not in json.loads(files["downloads/models/lone.json"])
