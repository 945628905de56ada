"""One generation on its way: planned, sent, followed, kept."""
