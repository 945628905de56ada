"""What a run is doing, in words: pure functions from its progress to the lines that a view shows."""

from collections.abc import Callable, Mapping

from imgmagic.domain.progress import Progress, Tile, TileState


def run_line(progress: Progress, elapsed_s: float) -> str:
    """Return the line above the tiles: what is going on, without the seconds that tick."""
    retry = next((tile.retry for tile in progress.tiles if tile.state is TileState.RETRYING), None)
    if retry is not None:
        left_s = max(0.0, retry.elapsed_s + retry.delay_s - elapsed_s)
        return f"attempt {retry.attempt} in {left_s:.0f} s: {retry.reason}"
    finished = len(progress.images)
    if len(progress.tiles) > 1:
        return f"{finished} of {len(progress.tiles)} finished"
    return tile_line(progress.tiles[0], progress.partial_images) if progress.tiles else "waiting"


def tile_line(tile: Tile, partial_images: int) -> str:
    """Return the line below a tile."""
    return _TILE_LINES[tile.state](tile, partial_images)


def _streaming(tile: Tile, partial_images: int) -> str:
    of = f" of {partial_images}" if partial_images else ""
    return f"partial image {tile.partials}{of}"


_TILE_LINES: Mapping[TileState, Callable[[Tile, int], str]] = {
    TileState.WAITING: lambda *_: "waiting",
    TileState.RETRYING: lambda *_: "waiting to try again",
    TileState.STREAMING: _streaming,
    TileState.COMPLETED: lambda *_: "done",
    TileState.FAILED: lambda tile, _: f"failed: {tile.error}",
    TileState.CANCELLED: lambda *_: "cancelled",
}
