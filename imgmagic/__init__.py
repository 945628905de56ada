"""imgmagic: iterate on image prompts in a notebook."""
