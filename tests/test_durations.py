"""The list of slow tests that `make test` leaves behind."""

from tests.durations import slowest


def test_the_slowest_tests_come_first() -> None:
    text = slowest({"a": 0.25, "b": 2.0, "c": 1.0}, count=2)
    assert text == "    2.00 s  b\n    1.00 s  c\n    3.25 s  3 tests in all\n"
