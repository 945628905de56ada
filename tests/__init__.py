"""The tests of imgmagic, by what they start: nothing, several rooms, kernels, browsers."""
