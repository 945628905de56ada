"""marimo: a notebook without IPython, in which everything is shown by hooks of marimo's own.

Nothing here imports marimo: a notebook of marimo's has it loaded, and anywhere else there is nothing to do.
"""
