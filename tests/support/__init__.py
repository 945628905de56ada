"""What several tests share: servers, kernels, browsers, and values to test with."""

from pathlib import Path

ROOT = Path(__file__).parents[2]
