"""The documentation site: pages that are written, pages that are generated from the code, and the notebooks."""
