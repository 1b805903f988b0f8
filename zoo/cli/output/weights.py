"""Output of `zoo weights`: a checkpoint in a few lines, findings with their standing, CSV."""

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, Any

from zoo.cli.output.console import plural, print_csv, print_table, print_text, say_note, style

if TYPE_CHECKING:
    from zoo.model_index.findings import Finding
    from zoo.model_index.records.records import Entry
    from zoo.weights.inspect import Inspector

UNITS = ((10**9, "GB"), (10**6, "MB"), (10**3, "kB"))
FIELDS = (
    "model",
    "address",
    "size",
    "sha256",
    "sha256_by",
    "format",
    "tensors",
    "dtypes",
    "parameters",
    "bits_per_weight",
    "problem",
    "transferred",
    "seen",
    "error",
)
TENSOR_FIELDS = ("model", "address", "tensor", "dtype", "shape")


def print_checkpoint(name: str, values: dict[str, Any], error: str | None, tensors: bool) -> None:
    """Print what is known of a checkpoint below its name; every tensor with `tensors`."""
    print_text(name)
    for line in describe_checkpoint(values):
        print_text(line, 2)
    _print_types(values)
    for fault in values.get("faults", ()):
        print_text(f"{style('wrong', 'wrong')}  {fault}", 2)
    if error:
        print_text(f"{style('error', 'error')}  {error}", 2)
    if tensors:
        rows = [(name, dtype, _shape(shape)) for name, dtype, shape in values.get("tensors", ())]
        print_table(("Tensor", "dtype", "Shape"), rows, right=("Shape",))


def _print_types(values: dict[str, Any]) -> None:
    """Print what the tensors of each type take, where there are several."""
    types = (values.get("contents") or {}).get("dtypes", ())
    if len(types) < 2:
        return
    columns = ("dtype", "Tensors", "Elements", "Bytes")
    rows = [
        (row["dtype"], *(f"{row[key]:,}" for key in ("tensors", "elements", "bytes")))
        for row in types
    ]
    print_table(columns, rows, right=columns[1:])


def print_model(
    entry: "Entry", findings: "Sequence[Finding]", values: Sequence[dict[str, Any]], tensors: bool
) -> None:
    """Print the checkpoints of an entry, then its findings."""
    links = plural(len(entry.links), "file") if entry.links else "the index names no weights"
    print_text(f"{entry.name}  {entry.builder}: {links}")
    if entry.links and not values:
        print_text("nothing is known of it, and --offline asks no host", 2)
    for checkpoint in values:
        print_checkpoint(checkpoint["address"], checkpoint, checkpoint.get("error"), tensors)
    if findings:
        columns = ("Standing", "Quantity", "Claimed", "Place")
        rows = [
            (str(f.standing), f.claim.row.label, _claimed(f), str(f.claim.place)) for f in findings
        ]
        print_table(columns, rows, notes=[finding.reason for finding in findings])


def _claimed(finding: "Finding") -> str:
    """Return the claim as printed; of weights that is their address, which stands above."""
    return "" if finding.claim.quantity == "weights" else finding.claim.printed


def describe_checkpoint(values: dict[str, Any]) -> Iterator[str]:
    """Yield lines: size, format and tensors; parameters; the digest; what was read, and when."""
    tensors = values.get("tensors") or ()
    size = values.get("size")
    facts = (
        _describe_size(size) if size is not None else "",
        values.get("format"),
        f"state dict under {values['key']!r}" if values.get("key") else "",
        f"{plural(len(tensors), 'tensor')} ({', '.join(_dtypes(values))})" if tensors else "",
    )
    read = values.get("transferred")
    moment = (
        f"{read:,} bytes read" if read else "",
        f"last seen {values['seen']}" if values.get("seen") else "",
    )
    digest = f"SHA-256 {values['sha256']} ({values['sha256_by']})" if values.get("sha256") else ""
    contents = describe_contents(values)
    for line in (", ".join(filter(None, facts)), contents, digest, ", ".join(filter(None, moment))):
        if line:
            yield line


def describe_contents(values: dict[str, Any]) -> str:
    """Return parameters and bits a weight, or why they are not known; "" of a file without tensors.

    `7,241,732,096 parameters, 4.83 bits a weight in the file, 4.82 in its tensors; besides 64
    buffers`
    """
    contents = values.get("contents")
    if not contents or not contents["elements"]:
        return ""
    if contents["parameters"] is None:
        return f"parameters unknown: {contents['problem']}"
    roles = [f"{n:,} {role}" for role, n in contents["roles"].items() if role != "parameters"]
    parts = [f"{contents['parameters']:,} parameters"]
    if bits := bits_per_weight(values):
        held = 8 * contents["weight_bytes"] / contents["parameters"]
        inside = (
            f" in the file, {held:.4g} in its tensors" if f"{held:.4g}" != f"{bits:.4g}" else ""
        )
        parts.append(f"{bits:.4g} bits a weight{inside}")
    schemes = f" ({', '.join(contents['schemes'])})" if contents["schemes"] else ""
    besides = f"; besides {', '.join(roles)}" if roles else ""
    return ", ".join(parts) + schemes + besides


def bits_per_weight(values: dict[str, Any]) -> float | None:
    """Return the bits of the whole file for each of its parameters; None where either is not
    known."""
    size, contents = values.get("size"), values.get("contents") or {}
    parameters = contents.get("parameters")
    return 8 * size / parameters if size and parameters else None


def _describe_size(size: int) -> str:
    """`247.0 MB (247,012,345 bytes)`."""
    for unit, name in UNITS:
        if size >= unit:
            return f"{size / unit:.1f} {name} ({size:,} bytes)"
    return plural(size, "byte")


def _dtypes(values: dict[str, Any]) -> list[str]:
    return sorted({dtype for _, dtype, _ in values.get("tensors") or ()})


def _shape(shape: Sequence[int]) -> str:
    return "x".join(map(str, shape))


def print_weights_csv(rows: Sequence[dict[str, Any]], tensors: bool) -> None:
    """Print a line for each checkpoint, or for each tensor with `tensors`; bytes as they are."""
    checkpoints = [row for row in rows if "address" in row]
    if tensors:
        listed = [
            [row.get("model"), row["address"], name, dtype, _shape(shape)]
            for row in checkpoints
            for name, dtype, shape in row.get("tensors") or ()
        ]
        print_csv(TENSOR_FIELDS, listed)
        return
    cells = [row | _cells(row) for row in checkpoints]
    print_csv(FIELDS, [[row.get(name) for name in FIELDS] for row in cells])


def _cells(row: dict[str, Any]) -> dict[str, Any]:
    """Return the cells of a checkpoint that are not its values as they are."""
    contents = row.get("contents") or {}
    return {
        "tensors": len(row.get("tensors") or ()),
        "dtypes": "; ".join(_dtypes(row)),
        "parameters": contents.get("parameters"),
        "bits_per_weight": bits_per_weight(row),
        "problem": contents.get("problem"),
    }


def summarise(inspector: "Inspector") -> None:
    """Print the number of inspected files on standard error."""
    looked = f"{plural(inspector.looked, 'file')} looked at, {inspector.unchanged} unchanged"
    say_note(f"weights: {looked}, {inspector.transferred:,} bytes read")
