"""The live view's widgets, without a page."""

from imgmagic.domain.events import PartialImage
from imgmagic.domain.progress import Progress
from imgmagic.domain.request import ImageRequest
from imgmagic.notebook.cell.live_view import LiveView
from tests.support.drawn import png

SVG = b'<svg xmlns="http://www.w3.org/2000/svg" width="8" height="8"><rect width="8" height="8"/></svg>'


def shown_after(*stages: tuple[str, bytes]) -> tuple[str, bytes]:
    """Return type and bytes of the picture that a view shows after stages of a picture that came one by one."""
    with LiveView(ImageRequest(prompt="a fox")) as view:
        for form, data in stages:
            stage = PartialImage(elapsed_s=1.0, index=0, number=0, data=data, format=form)
            view.update(Progress.start(1).after(stage), 1.0)
        image = view._tiles[0].image
        return image.format, bytes(image.value)


def test_a_stage_that_browsers_do_not_show_leaves_the_one_before() -> None:
    """A broken picture in its place would say that something failed."""
    assert shown_after(("png", png()), ("tiff", b"II*\0"), ("bin", b"\1" * 99)) == ("png", png())


def test_a_drawing_has_its_own_type() -> None:
    """Browsers know other pictures by their bytes, and want to be told of an SVG."""
    assert shown_after(("png", png()), ("svg", SVG)) == ("svg+xml", SVG)
