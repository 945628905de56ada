"""The simulator as a painter: words of a prompt become a picture."""
