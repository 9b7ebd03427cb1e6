"""Photos side by side: upright, without what a camera hides in them, whatever comes in."""

import io

from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image

from handlers.photos import CELL, MOST_PIXELS, opened, side_by_side


def photo(size=(400, 300), colour="red", *, orientation=None, kind="JPEG") -> bytes:
    """A picture whose left half is `colour` and right half white, with a place hidden in it."""
    picture = Image.new("RGB", size, "white")
    picture.paste(colour, (0, 0, size[0] // 2, size[1]))
    exif = Image.Exif()
    exif[0x010F] = "SecretCamera"
    exif.get_ifd(0x8825)[2] = (51.0, 30.0, 26.0)
    if orientation:
        exif[0x0112] = orientation
    out = io.BytesIO()
    picture.save(out, kind, exif=exif)
    return out.getvalue()


def near(pixel, wanted) -> bool:
    return all(abs(a - b) < 40 for a, b in zip(pixel, wanted, strict=True))


def test_two_days_stand_side_by_side_under_their_labels() -> None:
    sheet = Image.open(
        io.BytesIO(side_by_side([("Day 1", photo(colour="red")), ("Day 2", photo(colour="blue"))]))
    )
    width, height = sheet.size
    assert width == 2 * CELL + 48
    seen = [sheet.getpixel((x, height // 2)) for x in range(0, width, 4)]
    reds = [n for n, pixel in enumerate(seen) if near(pixel, (255, 0, 0))]
    blues = [n for n, pixel in enumerate(seen) if near(pixel, (0, 0, 255))]
    assert reds
    assert blues
    assert max(reds) < min(blues)
    assert any(near(sheet.getpixel((x, y)), (34, 34, 34)) for x in range(16, 200)
               for y in range(16, 60))  # fmt: skip


def test_camera_and_place_are_gone() -> None:
    assert b"SecretCamera" in photo()
    data = side_by_side([("Day 1", photo())])
    assert b"SecretCamera" not in data
    assert b"Exif" not in data
    assert not Image.open(io.BytesIO(data)).getexif()


def test_a_picture_taken_sideways_is_turned_upright() -> None:
    turned = opened(photo(orientation=6))
    assert turned.height > turned.width
    assert near(turned.getpixel((turned.width // 2, 20)), (255, 0, 0))
    assert near(turned.getpixel((turned.width // 2, turned.height - 20)), (255, 255, 255))


def test_what_is_see_through_becomes_white() -> None:
    out = io.BytesIO()
    Image.new("RGBA", (50, 50), (0, 0, 0, 0)).save(out, "PNG")
    assert opened(out.getvalue()).getpixel((25, 25)) == (255, 255, 255)


def test_a_bomb_is_refused_before_it_is_unpacked() -> None:
    side = int(MOST_PIXELS**0.5) + 100
    out = io.BytesIO()
    Image.new("1", (side, side)).save(out, "PNG")
    assert len(out.getvalue()) < 1_000_000
    assert opened(out.getvalue()) is None


def test_one_bad_picture_leaves_the_others() -> None:
    data = side_by_side([("Day 1", None), ("Day 2", b"no picture"), ("Day 3", photo())])
    sheet = Image.open(io.BytesIO(data))
    assert sheet.width == 3 * CELL + 64
    colours = [pixel for _n, pixel in sheet.getcolors(1 << 24)]
    assert any(near(pixel, (255, 0, 0)) for pixel in colours)


@given(st.binary(max_size=300), st.integers(0, 2000), st.booleans())
@settings(max_examples=60, deadline=None)
def test_no_bytes_whatever_break_it(noise, cut, png) -> None:
    whole = photo(size=(60, 40), kind="PNG" if png else "JPEG")
    assert side_by_side([("x", whole[:cut] + noise + whole[cut:])])[:2] == b"\xff\xd8"
