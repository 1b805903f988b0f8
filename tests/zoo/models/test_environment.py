"""The environment of a measurement."""

from zoo.models import environment


def test_a_description_is_the_callers_own() -> None:
    first = environment.describe()
    first["python"] = "changed"
    assert environment.describe()["python"] != "changed"
