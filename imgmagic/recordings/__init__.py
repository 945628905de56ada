"""What replays without a key: recordings, their folder, their player and their command."""
