"""marimo: a notebook without IPython, in which everything is shown through marimo's own hooks.

Nothing here imports marimo: a marimo notebook has it loaded, and elsewhere there is nothing to do.
"""
