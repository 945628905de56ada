"""Names that only a framework or a user calls, so that vulture finds no caller; each group says who does."""
