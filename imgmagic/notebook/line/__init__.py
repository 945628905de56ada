"""What a line or a cell says: words, options and prompt."""
