"""Commands on pages, without folders of the machine that ran them."""

import pytest

from zoo.reporting.views.provenance import show_command


@pytest.mark.parametrize(
    ("command", "shown"),
    [
        ("zoo verify dpn98 --fresh", "zoo verify dpn98 --fresh"),
        ("zoo verify a --index /home/me/zoo/timm --fresh", "zoo verify a --index timm --fresh"),
        ("zoo eval a --data='/data/my val' --index b/c", "zoo eval a --data='my val' --index b/c"),
        ("zoo weights https://a.example/b/c.pth", "zoo weights https://a.example/b/c.pth"),
    ],
)
def test_a_command_names_no_folder_of_a_machine(command: str, shown: str) -> None:
    assert show_command(command) == shown
