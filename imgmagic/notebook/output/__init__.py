"""What stays in a notebook: figures and tables."""
