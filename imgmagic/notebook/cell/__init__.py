"""A %%imagine cell while it runs."""
