"""What people read, without Jupyter: harmless text, status lines, the view of a terminal."""
