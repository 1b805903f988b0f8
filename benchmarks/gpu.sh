#!/usr/bin/env bash
# Does everything that needs a GPU, on one machine with CUDA, torch 2.11 or newer and Python 3.12 or
# newer, without a network, in eight minutes: the `gpu` tests, eight benchmarks of five processes,
# memory, energy, two runs of one cell compared, and as many of the other embedded models as fit.
#
#   benchmarks/gpu_wheels.sh             where there is a network: wheels/ for that machine's Python
#   benchmarks/gpu.sh RESULTS            there, on a copy of this tree with wheels/; or OUT=RESULTS
#   benchmarks/gpu.sh --minutes 12 RESULTS
#   benchmarks/gpu.sh --steps eager,energy RESULTS
#   benchmarks/gpu.sh --plan             prints the steps and their limits, runs nothing
#   benchmarks/gpu.sh --dry-run RESULTS  the same steps with small models on a CPU
#
# RESULTS then has summary.txt, log.txt, records.tar.gz (cells of five processes, for the pages) and
# ledger.tar.gz (everything). To ship the records, in a checkout:
#
#   tar -xzf RESULTS/records.tar.gz -C model_index/measured
#   git add model_index/measured
#   git commit -m "Benchmarks on a GPU"
#
# `zoo build` shows them on the pages of the models, the machine and the comparison.
#
# Clocks, modes and packages of the machine stay as they are: where its Python lacks this checkout, an
# environment in a temporary folder gets it, with the wheels, and sees that Python's packages. PYTHON
# chooses the Python.
set -euo pipefail
STARTED=$(date +%s.%N)
ROOT=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
PYTHON=${PYTHON:-python3}

has_checkout() {
  "$PYTHON" -P -c "import sys, pathlib, zoo.model_index.load, pytest
sys.exit(not pathlib.Path(zoo.__file__).is_relative_to('$ROOT'))" 2>/dev/null
}

# An environment beside the machine's own: first the wheels, then what that one has.
create_environment() {
  local folder=$1 packages wheels
  "$PYTHON" -m venv --without-pip "$folder"
  packages=$("$folder/bin/python" -c 'import sysconfig; print(sysconfig.get_path("purelib"))')
  "$PYTHON" -P -c 'import sys
for folder in sys.path:
    if folder.endswith("-packages"):
        print(f"import site; site.addsitedir({folder!r})")' > "$packages/parent.pth"
  wheels=("$ROOT"/wheels/*.whl)
  if [ ! -e "${wheels[0]}" ]; then
    echo "no wheels/: only what $PYTHON has" >&2
  elif ! install_into "$folder" "${wheels[@]}" 2>/dev/null; then
    for wheel in "${wheels[@]}"; do install_into "$folder" "$wheel" || true; done # some may be of another Python
  fi
  install_into "$folder" --no-build-isolation --editable "$ROOT"
}

install_into() {
  "$PYTHON" -m pip --python "$1/bin/python" install --quiet --disable-pip-version-check --no-index \
    --no-deps --no-cache-dir --no-compile "${@:2}"
}

if ! has_checkout; then
  FOLDER=$(mktemp -d)
  trap 'rm -rf "$FOLDER"' EXIT
  create_environment "$FOLDER/environment"
  PYTHON=$FOLDER/environment/bin/python
fi
"$PYTHON" -P "$ROOT/benchmarks/gpu.py" --started "$STARTED" "$@"
