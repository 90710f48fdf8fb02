# make install           set up .venv
# make demo              train and compare on real words
# make demo RATIO=0.15   the same with another share of the labels
# make test              run the default tests
# make lint              check style, types, imports and dependencies
# make docs              build the site; every warning is an error
# make pages             build the site and open each page in a browser
VENV   ?= .venv
PYTHON ?= python3
BIN    := $(VENV)/bin
LOWEST := .venv-lowest
STAMP  := $(VENV)/.installed
RATIO  ?= 0.01

# nproc returns OMP_NUM_THREADS if that is set, so it runs without that variable.
CORES  := $(shell env -u OMP_NUM_THREADS -u OMP_THREAD_LIMIT nproc 2>/dev/null || getconf _NPROCESSORS_ONLN 2>/dev/null || echo 2)
# glibc returns large blocks of memory to the system after every step and asks for them again. With these settings it
# keeps them, and a step is about a quarter faster on a CPU (docs/performance.md). Other systems ignore the settings.
MALLOC := MALLOC_MMAP_MAX_=0 MALLOC_TRIM_THRESHOLD_=17179869184 MALLOC_TOP_PAD_=536870912
RUN    := OMP_NUM_THREADS=$(CORES) $(MALLOC) $(BIN)/accelerate launch --num_processes 1 --num_machines 1 --mixed_precision no --dynamo_backend no

.PHONY: install demo test test-lowest lowest lint docs pages clean

install: $(STAMP)

$(STAMP): pyproject.toml requirements/constraints.txt requirements/demo.txt
	$(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install -q -c requirements/constraints.txt -e ".[dev,test]"
	$(BIN)/python -m pip install -q --no-deps -r requirements/demo.txt
	touch $(STAMP)

demo: install
	$(RUN) recipes/run_ner.py --config recipes/configs/demo.yaml --dataset_name embedded --label_ratio $(RATIO)
	@echo
	@echo "These are scores of one draw of labels. Over six draws with 1 % of the labels, the two stages gain 0.75 F1"
	@echo "[-0.02, 1.52] over fine-tuning for the same time, and are ahead on each. Decoded legally, both are equal."
	@echo "docs/results.md has the table, and a recipe that takes longer and gains more: recipes/configs/generations.yaml"

# Tests of one file run in one worker, so that its fixtures are made once.
test: install
	OMP_NUM_THREADS=1 $(BIN)/python -m pytest -n 2 --dist loadscope -m "not slow"

# The same tests with the lowest versions that pyproject.toml promises.
test-lowest: $(LOWEST)/.installed
	OMP_NUM_THREADS=1 $(LOWEST)/bin/python -m pytest -n 2 --dist loadscope -m "not slow"

$(LOWEST)/.installed: pyproject.toml requirements/lowest.txt requirements/demo.txt
	$(PYTHON) -m venv $(LOWEST)
	$(LOWEST)/bin/python -m pip install -q -r requirements/lowest.txt
	$(LOWEST)/bin/python -m pip install -q --no-deps -e . -r requirements/demo.txt
	touch $@

# Writes requirements/lowest.txt again, after a change of the versions in pyproject.toml.
lowest: install
	$(BIN)/python -m pip install -q -c requirements/constraints.txt uv
	$(BIN)/uv pip compile -q --upgrade pyproject.toml --extra test --resolution lowest-direct --python-version 3.11 \
		--no-annotate --custom-compile-command "make lowest" --output-file requirements/lowest.txt

lint: install
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports
	$(BIN)/deptry hf_selftuning recipes benchmarks

docs: install
	$(BIN)/python -m pip install -q -c requirements/constraints.txt -e ".[docs]"
	NO_MKDOCS_2_WARNING=1 $(BIN)/mkdocs build --quiet --strict

pages: docs
	$(BIN)/python docs/scripts/check_pages.py site

clean:
	rm -rf $(VENV) $(LOWEST) runs site
