"""What the library costs, measured as ratios within one run; `python -m benchmarks.step`."""
