"""The simulator as a painter: turns the words of a prompt into a picture.

A prompt passes through five stages, each of which knows only the values of the one before: `prompt_reader` finds a
scene in the words, `scenes` chooses the place (`places`, `backdrop`, `abstract`) and puts the things of the scene into
it (`composition`, `shapes`), `layers` turns outlines into pixels, `styles` changes finished pixels, and `editing` does
the same to given pictures. Chance comes from a generator seeded with the prompt and a number, so equal requests draw
equal pictures on every machine.
"""
