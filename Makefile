# A fresh machine needs python3 >= 3.11 and make; `make site` and `make test` do the rest.
PYTHON ?= python3
VENV := .venv
MIM := .venv-openmim
TOOLS := .counting-tools
BIN := $(VENV)/bin
READY := $(VENV)/.ready
# The tests of a file stay together: they share what is slow to make. Files begin in their order, the slow ones first.
# A process of the tests that ends early ends the run, which names its test; a new process would wait for ever.
PYTEST := $(BIN)/python -m pytest --numprocesses auto --maxprocesses 4 --max-worker-restart 0 --dist loadfile --no-loadscope-reorder --slowest=build/durations.txt
WITH_MIM := test ! -x $(MIM)/bin/mim || export OPENMIM_PYTHON=$(CURDIR)/$(MIM)/bin/python;

.PHONY: site test test-all fuzz serve lint types browser slurm openmim tools clean

# What the site shows: the embedded families beside torchvision's weights. INDEX=timm is all of timm; paths do, too.
INDEX ?= demo torchvision
OF_INDEX = $(addprefix --index ,$(INDEX))

site: $(READY)
	$(BIN)/zoo eval digits_cnn
	$(BIN)/zoo build $(OF_INDEX)

serve: $(READY)
	$(BIN)/zoo serve $(OF_INDEX)

test: $(READY) browser slurm openmim tools
	$(WITH_MIM) $(PYTEST)

test-all: $(READY) browser slurm openmim tools
	$(WITH_MIM) $(PYTEST) -m "not gpu"

# Fuzzes the readers of an index: ten minutes, or SECONDS=60. What is found is kept in build/fuzz.
SECONDS ?= 600
fuzz: $(READY)
	@$(BIN)/python -c 'import atheris' 2>/dev/null || $(BIN)/python -m pip install --quiet --disable-pip-version-check \
		--constraint constraints.txt --editable '.[fuzz]'
	$(BIN)/python fuzz/run.py --seconds $(SECONDS)

lint: $(READY) types
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .

# mypy sees the three source folders as the one installed package: through links that are made anew each time.
types: $(READY)
	@rm -rf build/types && mkdir -p build/types/zoo
	@for entry in zoo/* model_index reporting; do ln -s "../../../$$entry" build/types/zoo/; done
	cd build/types && ../../$(BIN)/mypy --config-file ../../pyproject.toml --cache-dir ../../.mypy_cache

# The environment, made anew when a requirement changes. uv is used where it can be had (it is several
# times faster than pip on these large packages), pip otherwise.
$(READY): pyproject.toml setup.py constraints.txt
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || { echo "zoo needs Python 3.11 or newer; PYTHON=/path/to/python3 make ..." >&2; exit 1; }
	@$(PYTHON) -m venv $(VENV) || { echo "zoo needs Python's venv module (Debian: apt-get install python3-venv)" >&2; exit 1; }
	@if $(BIN)/python -m pip install --quiet --disable-pip-version-check uv; then \
		VIRTUAL_ENV=$(CURDIR)/$(VENV) $(BIN)/uv pip install --compile-bytecode --constraint constraints.txt --editable '.[dev]'; \
	else \
		$(BIN)/python -m pip install --disable-pip-version-check --constraint constraints.txt --editable '.[dev]'; \
	fi
	@touch $@

# The browser tests want Chromium. Where it is missing and may be installed, it is; else those tests skip and say so.
browser:
	@command -v chromium >/dev/null || command -v chromium-browser >/dev/null || command -v google-chrome >/dev/null || \
		{ [ "$$(id -u)" = 0 ] && command -v apt-get >/dev/null && \
		  apt-get update -qq && apt-get install -y -qq chromium >/dev/null; } || \
		echo "no Chromium here: the browser tests will be skipped" >&2

# So with Slurm: its daemons are started by the tests, on loopback, and end with them.
slurm:
	@PATH="$$PATH:/usr/sbin"; command -v slurmctld >/dev/null && command -v slurmd >/dev/null && command -v munged >/dev/null || \
		{ [ "$$(id -u)" = 0 ] && command -v apt-get >/dev/null && \
		  apt-get update -qq && DEBIAN_FRONTEND=noninteractive apt-get install -y -qq slurm-wlm munge >/dev/null; } || \
		echo "no Slurm here: the tests of jobs on a cluster will be skipped" >&2

# OpenMMLab's reader of an index, one of those that tests/conformance compares. It pins packages that others need
# newer, so it has an environment of its own; where it cannot be had, its tests are skipped and say so.
openmim: $(READY)
	@test -x $(MIM)/bin/mim || { $(PYTHON) -m venv $(MIM) && $(MIM)/bin/python -m pip install --quiet \
		--disable-pip-version-check openmim==0.3.9; } || \
		echo "openmim cannot be installed here: its tests will be skipped" >&2

# The tools that count FLOPs, whose numbers `zoo count` prints: a folder for each, without what they require.
# Two versions of two of them, and packages of gigabytes, cannot stand beside ours. Where one cannot be had, its
# tests are skipped and say so.
TOOL_VERSIONS := thop==0.0.31.post2005241907 thop==0.1.1.post2209072238 ptflops==0.6.9 ptflops==0.7.5 torchinfo==1.8.0 \
	torchprofile==0.1.0 calflops==0.3.2 mmengine==0.10.7 deepspeed==0.19.8
tools: $(READY)
	@for tool in $(TOOL_VERSIONS); do \
		test -d $(TOOLS)/$$tool && continue; \
		rm -rf $(TOOLS)/.new; $(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps --target $(TOOLS)/.new $$tool >/dev/null 2>&1 && \
			mv $(TOOLS)/.new $(TOOLS)/$$tool || echo "$$tool cannot be installed here: its tests will be skipped" >&2; \
	done

clean:
	rm -rf $(VENV) $(MIM) $(TOOLS) site build ledger *.egg-info
