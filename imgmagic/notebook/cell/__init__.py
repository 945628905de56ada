"""A running %%imagine cell."""
