"""The panel: a control surface in a cell's output, to try, compare, go back, change one thing and try again."""
