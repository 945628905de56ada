"""What a line or a cell contains: words, options and prompt."""
