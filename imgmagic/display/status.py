"""What a run is doing, in words: pure functions from its progress to the lines that a view shows."""

from collections.abc import Callable, Mapping

from imgmagic.domain.progress import Progress, Tile, TileState


def run_line(progress: Progress, elapsed_s: float) -> str:
    """Return the line beside the tiles: what is going on, without the ticking seconds."""
    waits = next((tile for tile in progress.tiles if tile.state is TileState.RETRYING), None)
    if waits is not None:
        return tile_line(waits, progress.partial_images, elapsed_s)
    finished = len(progress.images)
    if len(progress.tiles) > 1:
        return f"{finished} of {len(progress.tiles)} finished"
    return tile_line(progress.tiles[0], progress.partial_images) if progress.tiles else "waiting"


def tile_line(tile: Tile, partial_images: int, elapsed_s: float | None = None) -> str:
    """Return the line below a tile; with `elapsed_s`, how long it has waited or will still wait."""
    if elapsed_s is not None and tile.state in _WAITS:
        return _WAITS[tile.state](tile, elapsed_s)
    return _TILE_LINES[tile.state](tile, partial_images)


def _streaming(tile: Tile, partial_images: int) -> str:
    of = f" of {partial_images}" if partial_images else ""
    return f"partial image {tile.partials}{of}"


def _countdown(tile: Tile, elapsed_s: float) -> str:
    if tile.retry is None:
        return ""
    left_s = max(0.0, tile.retry.elapsed_s + tile.retry.delay_s - elapsed_s)
    return f"attempt {tile.retry.attempt} in {left_s:.0f} s: {tile.retry.reason}"


_TILE_LINES: Mapping[TileState, Callable[[Tile, int], str]] = {
    TileState.WAITING: lambda _, partial_images: (
        f"waiting for the {'first partial image' if partial_images else 'picture'}"
    ),
    TileState.RETRYING: lambda *_: "waiting to try again",
    TileState.STREAMING: _streaming,
    TileState.COMPLETED: lambda *_: "done",
    TileState.FAILED: lambda tile, _: f"failed: {tile.error}",
    TileState.CANCELLED: lambda *_: "cancelled",
}
_WAITS: Mapping[TileState, Callable[[Tile, float], str]] = {
    TileState.WAITING: lambda _, elapsed_s: f"waiting, {elapsed_s:.0f} s",
    TileState.RETRYING: _countdown,
}
