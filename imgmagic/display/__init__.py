"""What a run says in plain text, in a terminal as well as in a notebook; it knows no Jupyter."""
