"""Print the value of a quantity for a reader."""

from decimal import Decimal

from zoo.model_index.quantities.value import Value

STEPS = ((10**12, "T"), (10**9, "G"), (10**6, "M"), (10**3, "k"))


def show_count(value: Value) -> str:
    """Print a count: `15,003,675,112`."""
    if not isinstance(value, Decimal):
        return str(value)
    return f"{value:,.0f}" if value == value.to_integral_value() else f"{value.normalize():,f}"


def show_address(value: Value) -> str:
    """Print the last part of an address: `dpn98-5b90dec4d.pth`."""
    return str(value).split("?")[0].rstrip("/").rpartition("/")[2]


def show_number(value: Value) -> str:
    """Print the digits of a value, without padding: `0.875`."""
    return f"{value.normalize():f}" if isinstance(value, Decimal) else str(value)


def show_percent(value: Value) -> str:
    """Print a percentage: `80.16%`."""
    return f"{show_number(value)}%"


def show_milliseconds(value: Value) -> str:
    """Print a duration: `57.14 ms`."""
    return f"{show_number(value)} ms"


def show_bytes(value: Value) -> str:
    """Print an amount of memory: `4.4 GB`."""
    return f"{show_number(value / 10**9)} GB" if isinstance(value, Decimal) else str(value)


def show_hours(value: Value) -> str:
    """Print a duration in hours: `7.3 h`."""
    return f"{show_number(round(value, 2))} h" if isinstance(value, Decimal) else str(value)


def show_rate(value: Value) -> str:
    """Print a rate: `1,250 images/s`."""
    return f"{show_count(value)} images/s"


def show_size(value: Value) -> str:
    """Print a size, height first: `224x224`."""
    return f"{value[0]}x{value[1]}" if isinstance(value, tuple) else str(value)


def human(value: int | float | Decimal | None) -> str:
    """Format a number as `15.00 G`, `61.57 M`, `812`: four steps of a thousand, two decimals;
    beyond them as a power of ten."""
    if value is None:
        return ""
    if type(value) is int and STEPS[-1][0] <= value < 10**15:
        return _round_count(value)
    number = Decimal(str(value)) if isinstance(value, float) else Decimal(value)
    if abs(number) >= 10**16 or 0 < abs(number) < Decimal("0.001"):
        return f"{number:.2e}"
    for size, letter in STEPS:
        # 999.996 M would print as 1000.00 M: what rounds up to the next step belongs to it.
        if abs(number) >= size - Decimal(size) / 200_000:
            return f"{number / size:.2f} {letter}"
    return show_count(number) if number == number.to_integral_value() else f"{number:.4g}"


def _round_count(count: int) -> str:
    """Format a count of a thousand or more as `human` does: whole numbers take less time."""
    size, letter = next(step for step in STEPS if count >= step[0] - step[0] // 200_000)
    hundredths, rest = divmod(count * 100, size)
    if 2 * rest > size or (2 * rest == size and hundredths % 2):
        hundredths += 1
    return f"{hundredths // 100}.{hundredths % 100:02d} {letter}"


def describe_difference(value: Decimal, reference: Decimal) -> str:
    """Say how a number differs from another: `4.8% smaller`, `about 1,000 times larger`, `28
    larger`."""
    word = "larger" if value > reference else "smaller"
    if value > 0 and reference > 0 and (factor := max(value / reference, reference / value)) >= 10:
        return f"about {Decimal(f'{factor:.1e}'):,.0f} times {word}"
    percent = abs((value - reference) / reference) * 100 if reference else Decimal(0)
    if percent < Decimal("0.005"):
        return f"{show_count(abs(value - reference))} {word}"
    return f"{percent:.{1 if percent >= 1 else 2}f}% {word}"
