"""What must not be lost: images, history, recordings."""
