"""Fuzzes the readers of an index and what is made of an index, for a while, and says what it did.

atheris mutates the texts of `corpus` under each dialect in turn, guided by the lines of the readers
that they reach; hypothesis makes whole indexes and takes them through reading, lint and rendering.
What breaks a property is kept under `build/fuzz`, named in the output, and the exit code is 1.
`--merge` adds to the corpus what reached new lines.
"""

import argparse
import hashlib
import os
import re
import subprocess
import sys
import time
from collections.abc import Sequence
from pathlib import Path

HERE = Path(__file__).parent
ROOT = HERE.parent
sys.path.insert(0, str(ROOT))

FOUND = ROOT / "build" / "fuzz"  # what is found, and the texts that reached new lines
SHARE = 0.2  # of the time, for hypothesis
START = 3  # seconds that a process takes to begin
LONGEST, LARGEST = 4096, 2048  # bytes: of a text that is tried, in MiB of memory
RUNS = re.compile(r"(?:stat::number_of_executed_units:|^Done)\s+(\d+)", re.MULTILINE)
WHOLE = 16  # of so many texts that are read, one is rendered too


def main() -> int:
    """Every dialect, then whole indexes."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seconds", type=int, default=600, help="for all of it")
    parser.add_argument(
        "--merge", action="store_true", help="add what reached new lines to the corpus"
    )
    parser.add_argument("--dialect", help=argparse.SUPPRESS)  # a process of our own
    options, rest = parser.parse_known_args()
    if options.dialect:
        return guided(options.dialect, rest)
    from fuzz import indexes, targets

    begun = time.monotonic()
    done = {}
    for number, name in enumerate(
        targets.DIALECTS
    ):  # what one took to start, the others do not have
        left = options.seconds * (1 - SHARE) - (time.monotonic() - begun)
        done[name] = _dialect(name, max(1, round(left / (len(targets.DIALECTS) - number) - START)))
    made, found = indexes.run(max(1.0, options.seconds - (time.monotonic() - begun)))
    targets.forget()
    if found:
        (FOUND / f"{found[0]}-crash-{hashlib.sha1(found[1]).hexdigest()}").write_bytes(found[1])
    broken = found is not None
    for name, (runs, code) in done.items():
        print(f"{name}: {runs:,} texts{', BROKEN' if code else ''}")
        broken |= code != 0
        if options.merge:
            _merged(name)
    print(f"indexes: {made:,}")
    seconds = time.monotonic() - begun
    print(f"{sum(runs for runs, _ in done.values()) + made:,} runs in {seconds:.0f} s; {_kept()}")
    return int(broken)


def _dialect(name: str, seconds: int) -> tuple[int, int]:
    """One dialect for so many seconds: the number of texts and the exit code."""
    fresh = FOUND / "corpus" / name
    fresh.mkdir(parents=True, exist_ok=True)
    limits = (
        f"-max_total_time={seconds}",
        f"-max_len={LONGEST}",
        "-timeout=10",
        f"-rss_limit_mb={LARGEST}",
    )
    flags = (
        *limits,
        f"-dict={HERE / 'words.dict'}",
        f"-artifact_prefix={FOUND}/{name}-",
        "-print_final_stats=1",
    )
    done = _atheris(name, *flags, str(fresh), str(HERE / "corpus" / name))
    (FOUND / f"{name}.log").write_text(done.stderr)
    if done.returncode:
        print(done.stderr[-4000:], file=sys.stderr)
    found = RUNS.findall(done.stderr)
    return (int(found[-1]) if found else 0), done.returncode


def _merged(name: str) -> None:
    """Add the texts of the last run that reach lines which the corpus does not."""
    done = _atheris(
        name, "-set_cover_merge=1", str(HERE / "corpus" / name), str(FOUND / "corpus" / name)
    )
    if done.returncode:
        print(done.stderr[-2000:], file=sys.stderr)


def _atheris(name: str, *arguments: str) -> subprocess.CompletedProcess[str]:
    command = (sys.executable, __file__, "--dialect", name, *arguments)
    return subprocess.run(
        command, capture_output=True, text=True, errors="replace", check=False, cwd=ROOT
    )


def guided(name: str, arguments: Sequence[str]) -> int:
    """What a process of its own does: libFuzzer, which ends it."""
    try:
        import atheris
    except ModuleNotFoundError:
        print(
            "atheris is not installed: pip install -c constraints.txt -e '.[fuzz]'", file=sys.stderr
        )
        return 2
    with atheris.instrument_imports(include=["model_index", "zoo.reporting.site.mkdocs_config"]):
        from fuzz import targets
    number = 0

    def one(data: bytes) -> None:
        nonlocal number
        number += 1
        targets.check(name, data, whole=number % WHOLE == 0)

    # libFuzzer starts itself anew by a shell, to merge
    own = f"{sys.executable} {__file__} --dialect {name}"
    atheris.Setup([own, *arguments], one)
    atheris.Fuzz()
    return 0


def _kept() -> str:
    kept = sorted(
        path.name
        for path in FOUND.iterdir()
        if re.search(r"-(crash|timeout|oom|slow-unit)-", path.name)
    )
    return f"in {os.path.relpath(FOUND)}: {', '.join(kept)}" if kept else "nothing was found"


if __name__ == "__main__":
    sys.exit(main())
