"""The history: every generation as a row, with totals and budgets, in SQLite or PostgreSQL."""
