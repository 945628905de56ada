"""Derived pictures: made here from a run's finished ones, kept beside them and never instead of them."""

from collections.abc import Sequence
from dataclasses import replace

from imgmagic.domain.events import AddressReceived, CompletedImage
from imgmagic.domain.generation import GeneratedImage, Generation
from imgmagic.domain.picture import Picture
from imgmagic.domain.progress import Progress
from imgmagic.domain.request import ImageRequest
from imgmagic.domain.source_picture import PictureNumber
from imgmagic.errors import ImgmagicError, RequestInvalid
from imgmagic.runs.job import RunKeeper
from imgmagic.store.archive import Archive


class PastingKeeper:
    """Keep a run as `keeper` does, then paste the original back outside the mask of each finished picture.

    Args:
        keeper: keeps the server's own pictures.
        archive: where the derived ones are kept.
        feather_px: how soft the edge is.
    """

    def __init__(self, keeper: RunKeeper, archive: Archive, feather_px: int) -> None:
        self._keeper = keeper
        self._archive = archive
        self._feather_px = feather_px

    @property
    def notices(self) -> Sequence[str]:
        """Return what to tell the user with the result, as far as it is known."""
        return self._keeper.notices

    def keep(self, event: CompletedImage) -> None:
        """Keep a finished image before anybody sees it."""
        self._keeper.keep(event)

    def note_address(self, event: AddressReceived) -> None:
        """Note where a finished image is before it is fetched."""
        self._keeper.note_address(event)

    def finish(self, progress: Progress) -> Generation:
        """Return the generation with a derived picture for each of its own; what fails becomes a notice."""
        generation = self._keeper.finish(progress)
        derived: list[GeneratedImage] = []
        notices: list[str] = []
        for image in generation.images:
            try:
                picture = self._paste_back(generation.request, image)
                kept, told = self._archive.keep_derived(generation, picture, index=image.index, title="pasted back")
                number = len(generation.images) + len(derived) + 1
                if generation.id is not None:
                    kept = replace(kept, number=PictureNumber(generation_id=generation.id, number=number))
                derived.append(kept)
                notices += told
            except ImgmagicError as error:
                notices.append(str(error))
        return replace(generation, derived=tuple(derived), notices=(*generation.notices, *dict.fromkeys(notices)))

    def _paste_back(self, request: ImageRequest, image: GeneratedImage) -> Picture:
        from imgmagic.runs.paste_back import paste_back

        if request.mask is None:
            raise RequestInvalid("nothing was pasted back: there is no mask.")
        source = request.sources[0]
        data = paste_back(source.data, request.mask.data, image.data, feather_px=self._feather_px)
        return Picture(data=data, format="png", width=source.width, height=source.height)


def feather_of(request: ImageRequest, *, wanted: bool, feather_px: int | None) -> int | None:
    """Return how soft the edge of a paste-back should be; None if nothing is pasted back.

    Raises:
        RequestInvalid: there is no mask to paste back around, or the width makes no sense.
    """
    if not wanted and feather_px is None:
        return None
    from imgmagic.runs.paste_back import FEATHER_PX, check_feather

    if request.mask is None:
        raise RequestInvalid(
            "nothing was sent. Pasting back needs a mask: it restores the original outside it.",
            remedy="Give a mask, or do not paste back.",
        )
    return check_feather(FEATHER_PX if feather_px is None else feather_px)
