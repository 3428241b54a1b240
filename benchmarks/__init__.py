"""What is measured: run `python -m benchmarks.detection` for the detector."""
