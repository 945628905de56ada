"""The simulator as a painter: words of a prompt become a picture.

A prompt passes through five hands, each of which knows only the values of the one before:
`prompt_reader` finds a scene in the words, `scenes` chooses the place (`places`, `backdrop`, `abstract`) and sets the
things of the scene into it (`composition`, `shapes`), `layers` turns outlines into pixels, `styles` changes finished
pixels, and `editing` does the same to pictures that were given. Chance comes from a generator that is seeded with the
prompt and a number, so equal requests draw equal pictures on every machine.
"""
