"""Tensors of a model by kind and type of number, and what a checkpoint of them holds."""

from zoo.model_index.ledger.tensors import BUFFERS, PARAMETERS, TensorRow, TensorTable

TABLE = TensorTable(
    (
        TensorRow("parameters", "float16", 10, 20),
        TensorRow("parameters", "float32", 100, 400),
        TensorRow("buffers", "int64", 2, 16),
        TensorRow("unsaved buffers", "float32", 50, 200),
        TensorRow("packed weights", "qint8", 30, 30),
    )
)


def test_checkpoint_holds_what_the_state_dict_holds():
    assert TABLE.state_bytes == 20 + 400 + 16 + 30


def test_elements_and_bytes_by_type_most_first():
    assert TABLE.elements(PARAMETERS) == {"float32": 100, "float16": 10}
    assert list(TABLE.bytes(PARAMETERS, BUFFERS)) == ["float32", "float16", "int64"]
    assert TABLE.packed == 30


def test_no_table_is_empty():
    assert TensorTable().state_bytes == 0
