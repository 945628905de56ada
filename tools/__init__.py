"""What the Makefile runs beside the tests: notebooks, documents, benchmarks."""
