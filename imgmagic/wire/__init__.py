"""Bytes and HTTP: the only layer that imports httpx."""
