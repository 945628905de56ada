"""The pictures answer to the words, and are the same every time."""

import io
from collections.abc import Callable

import pytest
from PIL import Image, ImageChops, ImageStat

from imgmagic.simulator.drawing.picture import PictureRequest
from imgmagic.simulator.drawing.pictures import draw, draw_frames, draw_partial, draw_svg, encode, encode_frames
from imgmagic.simulator.drawing.places import PLACES
from imgmagic.simulator.drawing.shapes import SHAPES
from imgmagic.simulator.drawing.styles import STYLES

RED_NIGHT = PictureRequest(prompt="three red circles on a blue sea at night", width=512, height=512)


def test_same_picture_same_bytes() -> None:
    """Prompt, seed and size decide every byte."""
    assert encode(draw(RED_NIGHT), "png") == encode(draw(RED_NIGHT), "png")


@pytest.mark.parametrize(
    "other",
    [
        PictureRequest(prompt="three red circles on a blue sea at day", width=512, height=512),
        PictureRequest(prompt=RED_NIGHT.prompt, seed=1, width=512, height=512),
    ],
)
def test_other_picture_other_bytes(other: PictureRequest) -> None:
    """Another prompt or another seed looks otherwise."""
    assert encode(draw(other), "png") != encode(draw(RED_NIGHT), "png")


@pytest.mark.parametrize("seed", range(3))
@pytest.mark.parametrize("size", [(512, 512), (768, 512), (512, 768)])
def test_three_red_circles_on_a_blue_sea_at_night(seed: int, size: tuple[int, int]) -> None:
    """The picture shows just that: three red things, a blue sea, a dark sky."""
    image = draw(PictureRequest(prompt=RED_NIGHT.prompt, seed=seed, width=size[0], height=size[1]))
    small = image.resize((96, 96), Image.Resampling.BOX)

    assert count_blobs(small, lambda red, green, blue: red > 130 and green < 110 and blue < 110) == 3
    assert brightness(small.crop((0, 0, 96, 40))) < 50
    red, _, blue = ImageStat.Stat(small.crop((0, 86, 60, 92))).mean
    assert blue > 1.5 * red


@pytest.mark.parametrize(("count", "word"), [(1, "a"), (5, "five"), (12, "a dozen")])
def test_counted_things_are_as_many(count: int, word: str) -> None:
    """There are as many things as the words say."""
    noun = "square" if count == 1 else "squares"
    image = draw(PictureRequest(prompt=f"{word} green {noun}", width=512, height=512)).resize(
        (128, 128), Image.Resampling.BOX
    )

    assert count_blobs(image, lambda red, green, blue: green > red + 40 and green > blue + 30) == count


def test_partials_go_from_coarse_to_fine() -> None:
    """Each partial image is nearer to the final one, and has more detail."""
    final = draw(RED_NIGHT)

    partials = [draw_partial(final, index, 3) for index in range(3)]

    distances = [distance(partial, final) for partial in partials]
    assert distances == sorted(distances, reverse=True)
    assert distances[-1] > 0.5
    details = [detail(image) for image in (*partials, final)]
    assert details == sorted(details)


def test_transparent_picture_shows_only_the_thing() -> None:
    """Transparency is real: the thing is there, the place is not."""
    image = draw(PictureRequest(prompt="a red circle in a meadow", width=256, height=256, is_transparent=True))

    assert image.mode == "RGBA"
    assert image.getpixel((3, 3)) == (*image.getpixel((3, 3))[:3], 0)
    assert image.getchannel("A").getextrema() == (0, 255)


@pytest.mark.parametrize("prompt", ["an iridescent longing", "", "🦄", "[", "red", "0 cats", "x" * 32_000, "\ud800"])
def test_any_prompt_gives_a_picture(prompt: str) -> None:
    """A prompt that says nothing still shows something."""
    image = draw(PictureRequest(prompt=prompt, width=128, height=96))

    assert sum(ImageStat.Stat(image).stddev) > 10


@pytest.mark.parametrize("size", [(1, 1), (16, 700), (700, 16)])
def test_any_size_can_be_drawn(size: tuple[int, int]) -> None:
    """The smallest and narrowest sizes hold."""
    assert draw(PictureRequest(prompt="a cat at night", width=size[0], height=size[1])).size == size


@pytest.mark.parametrize("output_format", ["png", "jpeg", "webp"])
def test_encoded_picture_reads_back(output_format: str) -> None:
    """Every format holds the picture."""
    data = encode(draw(RED_NIGHT), output_format, 80)

    with Image.open(io.BytesIO(data)) as image:
        assert (image.format, image.size) == (output_format.upper(), (512, 512))


def test_lower_compression_level_is_smaller() -> None:
    """The compression parameter is the quality in percent."""
    image = draw(RED_NIGHT)

    assert len(encode(image, "jpeg", 10)) < len(encode(image, "jpeg", 90))


def test_animation_moves() -> None:
    """A GIF has as many frames as asked, and they differ."""
    data = encode_frames(draw_frames(PictureRequest(prompt="two boats", width=128, height=128), 4), 200)

    with Image.open(io.BytesIO(data)) as image:
        assert (image.format, image.n_frames, image.info["duration"]) == ("GIF", 4, 200)


def test_svg_is_drawn_from_the_same_layers() -> None:
    """SVG says its size and that it is simulated."""
    text = draw_svg(PictureRequest(prompt="a house", width=200, height=100)).decode()

    assert text.startswith('<svg xmlns="http://www.w3.org/2000/svg" width="200" height="100"')
    assert ">simulated</text></svg>" in text


def test_large_png_has_a_realistic_weight() -> None:
    """1024x1024 weighs what servers really send."""
    assert 300_000 < len(encode(draw(PictureRequest(prompt="a fox in a forest")), "png")) < 1_500_000


@pytest.mark.parametrize("time", ["day", "dawn", "sunset", "night"])
@pytest.mark.parametrize("place", PLACES)
def test_every_place_is_drawn_at_every_time(place: str, time: str) -> None:
    """Places and times give pictures of their own."""
    here = draw(PictureRequest(prompt=f"a {place} at {time}", width=96, height=96))
    plain = draw(PictureRequest(prompt="a square", width=96, height=96))

    assert distance(here, plain) > 10


@pytest.mark.parametrize("place", ["sea", "meadow", "desert"])
def test_night_is_darker_than_day(place: str) -> None:
    """The light is that of the time."""
    day, night = (draw(PictureRequest(prompt=f"{place} at {time}", width=96, height=96)) for time in ("day", "night"))

    assert brightness(night) < 0.6 * brightness(day)


@pytest.mark.parametrize("shape", SHAPES)
def test_every_shape_shows_in_its_colour(shape: str) -> None:
    """Each thing is drawn, and takes the colour that the words give it."""
    red, blue = (
        draw(PictureRequest(prompt=f"a {colour} {shape} in a room", width=96, height=96)) for colour in ("red", "blue")
    )

    assert distance(red, blue) > 4


@pytest.mark.parametrize("style", STYLES)
@pytest.mark.parametrize("is_transparent", [False, True])
def test_styles_change_the_picture(style: str, is_transparent: bool) -> None:
    """A style is seen, and keeps the alpha."""
    plain, styled = (
        draw(PictureRequest(prompt=prompt, width=160, height=160, is_transparent=is_transparent))
        for prompt in ("a red house in a meadow at day", f"a red house in a meadow at day, {style}")
    )

    assert styled.mode == plain.mode
    assert distance(styled.convert("RGB"), plain.convert("RGB")) > 1


def test_transparent_partials_keep_their_alpha() -> None:
    """A partial image of a transparent picture is transparent too."""
    final = draw(PictureRequest(prompt="a red circle", width=128, height=128, is_transparent=True))

    assert draw_partial(final, 0, 2).getchannel("A").getextrema()[0] == 0


def test_things_may_have_places_of_their_own() -> None:
    """A time without a place is seen in the open."""
    day, night = (
        draw(PictureRequest(prompt=f"a blue square {time}", width=96, height=96)) for time in ("at day", "at night")
    )

    assert brightness(night) < brightness(day)


def count_blobs(image: Image.Image, belongs: Callable[[int, int, int], bool]) -> int:
    """Count connected areas of more than a few pixels."""
    width, height = image.size
    pixels = {
        (x, y)
        for x in range(width)
        for y in range(height)
        if belongs(*image.getpixel((x, y))[:3])  # type: ignore[index, misc] # RGB
    }
    blobs = 0
    while pixels:
        area, edge = 0, [pixels.pop()]
        while edge:
            x, y = edge.pop()
            area += 1
            near = {(x + 1, y), (x - 1, y), (x, y + 1), (x, y - 1)} & pixels
            pixels -= near
            edge.extend(near)
        blobs += area > 8
    return blobs


def brightness(image: Image.Image) -> float:
    return ImageStat.Stat(image.convert("L")).mean[0]


def distance(first: Image.Image, second: Image.Image) -> float:
    return ImageStat.Stat(ImageChops.difference(first, second).convert("L")).rms[0]


def detail(image: Image.Image) -> float:
    """Measure how much is lost when the picture is made small and large again."""
    small = image.resize((64, 64), Image.Resampling.BOX).resize(image.size, Image.Resampling.BICUBIC)
    return distance(image, small)
