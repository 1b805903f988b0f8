"""Times for people: of a call with its interval, and of a whole run."""

UNITS = ((1.0, "s"), (1e-3, "ms"), (1e-6, "µs"), (1e-9, "ns"))


def format_time(seconds: float, interval: tuple[float, float] | None = None, note: str = "") -> str:
    """Format the time of one call, with its interval and a note: `12.34 ms (12.20 to 12.49)`."""
    size, unit = next((row for row in UNITS if seconds >= row[0]), UNITS[-1])
    parts = [" to ".join(_digits(bound / size) for bound in interval)] if interval else []
    inside = ", ".join([*parts, *([note] if note else [])])
    return f"{_digits(seconds / size)} {unit}" + (f" ({inside})" if inside else "")


def _digits(value: float) -> str:
    """Format four digits: `10.00`, `9.902`, `1234`."""
    return f"{value:#.4g}".removesuffix(".")


def format_duration(seconds: float) -> str:
    """`40 s`, `3 min 20 s`, `2 h 5 min`."""
    minutes, remainder = divmod(round(seconds), 60)
    hours, minutes = divmod(minutes, 60)
    if hours:
        return f"{hours} h {minutes} min"
    return f"{minutes} min {remainder} s" if minutes else f"{remainder} s"
