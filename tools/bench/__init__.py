"""The benchmarks: one module for each thing measured, and what they share in `figure` and `support`."""
