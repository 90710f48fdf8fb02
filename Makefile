# make install: set up .venv   make demo: train and compare on real words   make test: the default test suite   make docs: the site, built strictly
VENV   ?= .venv
PYTHON ?= python3
BIN    := $(VENV)/bin
STAMP  := $(VENV)/.installed
RUN    := OMP_NUM_THREADS=$(shell nproc 2>/dev/null || echo 2) $(BIN)/accelerate launch --num_processes 1 --num_machines 1 --mixed_precision no --dynamo_backend no

.PHONY: install demo test lint docs clean

install: $(STAMP)

$(STAMP): pyproject.toml requirements/constraints.txt requirements/demo.txt
	$(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install -q -c requirements/constraints.txt -e ".[dev]"
	$(BIN)/python -m pip install -q --no-deps -r requirements/demo.txt
	touch $(STAMP)

demo: install
	$(RUN) recipes/run_ner.py --config recipes/configs/demo.yaml --dataset_name embedded --label_ratio 0.15

test: install
	OMP_NUM_THREADS=1 $(BIN)/python -m pytest -n 2 --dist loadgroup -m "not slow"

lint: install
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports

docs: install
	$(BIN)/python -m pip install -q -c requirements/constraints.txt -e ".[docs]"
	NO_MKDOCS_2_WARNING=1 $(BIN)/mkdocs build --quiet --strict

clean:
	rm -rf $(VENV) runs site
