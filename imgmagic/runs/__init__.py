"""Running generations and sweeps: planned, sent, followed, kept."""
