#!/usr/bin/env bash
# Downloads what `benchmarks/gpu.sh` needs and a machine with torch may lack, as wheels for its Python.
#
#   benchmarks/gpu_wheels.sh             wheels/ for Python 3.12 on Linux and x86-64
#   PYTHON_VERSION=3.13 benchmarks/gpu_wheels.sh
#
# The versions are those of constraints.txt. torch, torchvision, numpy, scipy, scikit-learn, matplotlib,
# pytest and what they bring are the machine's own: they are large. Git ignores wheels/; carry it.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."
PYTHON=${PYTHON:-.venv/bin/python}
[ -x "$PYTHON" ] || PYTHON=python3
MOST_MIB=64

PACKAGES=(
  msgspec jellyfish junitparser                          # the base
  typer annotated-doc shellingham rich markdown-it-py mdurl # the command line
  pyyaml jinja2 markupsafe
  timm certifi filelock fsspec urllib3                   # models
  mkdocs ghp-import mergedeep mkdocs-get-deps pathspec platformdirs pyyaml-env-tag watchdog markdown
  click babel pygments                                   # what the tests import
  pytest pytest-xdist execnet iniconfig pluggy
)
# In no constraints; torch 2.11 wants a setuptools below 82, which installs this checkout.
OTHERS=(nvidia-ml-py "setuptools>=77,<82")

PLATFORMS=()
for name in manylinux_2_28 manylinux_2_27 manylinux_2_17 manylinux2014 manylinux1; do
  PLATFORMS+=(--platform "${name}_x86_64")
done
REQUIREMENTS=("${OTHERS[@]}")
for name in "${PACKAGES[@]}"; do
  REQUIREMENTS+=("$(grep -m1 "^$name==" constraints.txt)")
done

rm -rf wheels
"$PYTHON" -m pip download --quiet --disable-pip-version-check --dest wheels --no-deps \
  --only-binary=:all: --implementation cp --python-version "${PYTHON_VERSION:-3.12}" \
  "${PLATFORMS[@]}" "${REQUIREMENTS[@]}"
SIZE=$(du -sm wheels | cut -f1)
echo "wheels: $(ls wheels | wc -l) files, $SIZE MiB"
[ "$SIZE" -lt "$MOST_MIB" ] || { echo "more than $MOST_MIB MiB" >&2; exit 1; }
