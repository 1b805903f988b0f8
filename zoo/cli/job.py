"""`python -m zoo.cli.job REQUEST OUTCOME`: do a request of verify, eval or bench, and write to the
file OUTCOME how it ended.

torchrun ends with 1 for whatever happens, so an exit code alone does not say that a request was
done.
"""

import os
import sys
from pathlib import Path

import msgspec

from zoo.cli import guard
from zoo.cli.bench import run_bench
from zoo.cli.eval import run_eval
from zoo.cli.run_in_jobs import Request
from zoo.cli.verify import run_verify
from zoo.cluster.outcome import Outcome, node
from zoo.evaluation.request import EvalRequest
from zoo.models import search_path
from zoo.verification.request import VerifyRequest


def run(path: Path) -> int:
    """Do the request of a file; return the exit code."""
    request: Request = msgspec.json.decode(path.read_bytes(), type=Request)
    search_path.extend(request.path, request.trust)
    if isinstance(request, VerifyRequest):
        return run_verify(request)
    if isinstance(request, EvalRequest):
        return run_eval(request, "json")
    return run_bench(request, "json", in_job=True)


def main() -> None:
    """Do the request and write its outcome, on the first of torchrun's processes."""
    request, outcome = map(Path, sys.argv[1:])
    code = guard(lambda: run(request))
    if os.environ.get("RANK", "0") == "0":
        Outcome(code, node()).write(outcome)
    raise SystemExit(code)


if __name__ == "__main__":
    main()
