"""The painter: a mask or a markup drawn over a picture, in the notebook."""
