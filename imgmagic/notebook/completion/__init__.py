"""Completion of magics: flags, values, commands, ids."""
