"""What must not be lost: the history and the image store."""
