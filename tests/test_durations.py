"""The list of slow tests that `make test` leaves behind."""

from tests.durations import slowest


def test_the_slowest_tests_and_files_come_first() -> None:
    text = slowest({"a::1": 0.25, "a::2": 1.5, "b::1": 2.0, "c::1": 1.0}, count=2)
    assert text.splitlines() == [
        "    2.00 s  b::1",
        "    1.50 s  a::2",
        "    2.00 s  b",
        "    1.75 s  a",
        "    4.75 s  4 tests in all",
    ]
