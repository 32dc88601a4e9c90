"""What strangers send as photos, made safe or refused, with real files made here."""

import struct
import zlib
from io import BytesIO

import pytest
from PIL import Image, ImageDraw

from app.intake.photos import LONGEST_SIDE, SMALL_SIDE, PhotoRefused, Refusal, make_safe
from app.web.files import LARGEST_FILE

PLANTED = b"Li Wei, 13800001234"
TOP_LEFT, TOP_RIGHT, BOTTOM_LEFT, BOTTOM_RIGHT = "red", "green", "blue", "white"


def scene(width=800, height=600):
    """A picture that shows how it is held: each quarter has a colour of its own."""
    image = Image.new("RGB", (width, height), TOP_LEFT)
    draw = ImageDraw.Draw(image)
    draw.rectangle([width // 2, 0, width, height // 2], fill=TOP_RIGHT)
    draw.rectangle([0, height // 2, width // 2, height], fill=BOTTOM_LEFT)
    draw.rectangle([width // 2, height // 2, width, height], fill=BOTTOM_RIGHT)
    return image


def saved(image, kind="JPEG", **more):
    written = BytesIO()
    image.save(written, kind, **more)
    return written.getvalue()


def with_notes(orientation=1):
    """EXIF as a phone writes it: how it was held, where it was, whose it is."""
    notes = Image.Exif()
    notes[0x0112] = orientation
    notes[0x013B] = PLANTED.decode()
    notes.get_ifd(0x8825).update({1: "N", 2: (31.0, 13.0, 49.0), 3: "E", 4: (121.0, 28.0, 25.0)})
    return notes


def bomb(width, height):
    """A PNG of a few hundred bytes that says it is that large."""

    def chunk(kind, data):
        return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))

    header = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    body = zlib.compress(b"\0" * 1000)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + chunk(b"IDAT", body) + chunk(b"IEND", b"")


def colour_at(image, x, y):
    red, green, blue = image.convert("RGB").getpixel((int(image.width * x), int(image.height * y)))
    names = {"red": (255, 0, 0), "green": (0, 128, 0), "blue": (0, 0, 255), "white": (255, 255, 255)}
    return min(names, key=lambda name: sum(abs(a - b) for a, b in zip(names[name], (red, green, blue), strict=True)))


@pytest.mark.parametrize("kind", ["JPEG", "PNG", "WEBP"])
def test_what_is_allowed_becomes_a_jpeg(kind):
    picture = make_safe(saved(scene(), kind))

    image = Image.open(BytesIO(picture.data))
    assert image.format == "JPEG"
    assert image.size == (picture.width, picture.height) == (800, 600)
    assert max(Image.open(BytesIO(picture.small)).size) == SMALL_SIDE


def test_a_large_one_is_shrunk():
    picture = make_safe(saved(scene(4000, 3000)))

    assert (picture.width, picture.height) == (LONGEST_SIDE, LONGEST_SIDE * 3 // 4)


@pytest.mark.parametrize("orientation", range(1, 9))
@pytest.mark.parametrize("kind", ["JPEG", "PNG", "WEBP"])
def test_it_is_turned_as_it_was_held(orientation, kind):
    """Each orientation is made by undoing, with Pillow's own table, what the file says."""
    undo = {2: 0, 3: 3, 4: 1, 5: 5, 6: 2, 7: 6, 8: 4}
    held = scene() if orientation == 1 else scene().transpose(Image.Transpose(undo[orientation]))

    image = Image.open(BytesIO(make_safe(saved(held, kind, exif=with_notes(orientation))).data))

    assert image.size == (800, 600)
    corners = [colour_at(image, x, y) for x, y in ((0.25, 0.25), (0.75, 0.25), (0.25, 0.75), (0.75, 0.75))]
    assert corners == [TOP_LEFT, TOP_RIGHT, BOTTOM_LEFT, BOTTOM_RIGHT]


def test_nothing_but_the_pixels_stays():
    sent = saved(
        scene(), exif=with_notes(), comment=PLANTED, icc_profile=b"profile " + PLANTED, xmp=b"<x>" + PLANTED + b"</x>"
    )
    sent += PLANTED  # behind the end of the picture
    assert sent.count(PLANTED) == 5

    picture = make_safe(sent)

    for data in (picture.data, picture.small):
        assert PLANTED not in data
        image = Image.open(BytesIO(data))
        assert not dict(image.getexif())
        assert image.info.keys() <= {"jfif", "jfif_version", "jfif_unit", "jfif_density"}


def test_png_and_webp_lose_their_notes_too():
    from PIL.PngImagePlugin import PngInfo

    said = PngInfo()
    said.add_text("Author", PLANTED.decode())
    for sent in (saved(scene(), "PNG", pnginfo=said, exif=with_notes()), saved(scene(), "WEBP", exif=with_notes())):
        assert PLANTED in sent
        assert PLANTED not in make_safe(sent).data


@pytest.mark.parametrize("mode", ["1", "L", "LA", "P", "RGBA", "I;16"])
def test_every_kind_of_png_is_read(mode):
    assert make_safe(saved(Image.new(mode, (40, 30)), "PNG")).width == 40


@pytest.mark.parametrize("mode", ["CMYK", "L"])
def test_every_kind_of_jpeg_is_read(mode):
    assert make_safe(saved(Image.new(mode, (40, 30)))).width == 40


def test_what_is_transparent_becomes_white():
    picture = make_safe(saved(Image.new("RGBA", (40, 30), (255, 0, 0, 0)), "PNG"))

    assert Image.open(BytesIO(picture.data)).getpixel((20, 15)) == (255, 255, 255)


@pytest.mark.filterwarnings("ignore:Corrupt EXIF data")
def test_notes_that_cannot_be_read_are_no_reason_to_refuse():
    sent = saved(scene(), exif=b"Exif\0\0MM\0*\xff\xff\xff\xff" + b"\xff" * 40)

    assert make_safe(sent).width == 800


def test_the_same_file_is_known_again():
    assert make_safe(saved(scene())).sha256 == make_safe(saved(scene())).sha256


@pytest.mark.parametrize(
    ("sent", "why"),
    [
        (b"", Refusal.EMPTY),
        (b"The bin was left full.", Refusal.NOT_A_PHOTO),
        (b"<svg xmlns='http://www.w3.org/2000/svg'><script>alert(1)</script></svg>", Refusal.NOT_A_PHOTO),
        (b"%PDF-1.7\n", Refusal.NOT_A_PHOTO),
        (saved(scene(), "GIF"), Refusal.NOT_A_PHOTO),
        (saved(scene(), "TIFF"), Refusal.NOT_A_PHOTO),
        (saved(scene())[:20], Refusal.NOT_A_PHOTO),
        (saved(scene())[:2000], Refusal.BROKEN),
        (saved(scene(), "PNG")[:-2000], Refusal.BROKEN),
        (saved(scene(), "WEBP")[:-20], Refusal.NOT_A_PHOTO),
        (bomb(10_000, 5_000), Refusal.TOO_MANY_PIXELS),
        (bomb(60_000, 60_000), Refusal.TOO_MANY_PIXELS),
        (bomb(100, 100), Refusal.BROKEN),
        (b"\xff\xd8\xff" + b"\0" * 40_000_000, Refusal.TOO_LARGE),
    ],
    ids=lambda value: value.value if isinstance(value, Refusal) else f"{len(value)}-bytes",
)
def test_what_is_refused_and_why(sent, why):
    with pytest.raises(PhotoRefused) as refused:
        make_safe(sent)

    assert refused.value.why == why


def test_the_largest_file_is_one_of_15_megabytes():
    with pytest.raises(PhotoRefused) as refused:
        make_safe(saved(scene()) + b"\0" * LARGEST_FILE)
    assert refused.value.why == Refusal.TOO_LARGE
    assert make_safe(saved(scene()) + b"\0" * (LARGEST_FILE // 2)).width == 800


def test_a_photo_of_50_megapixels_is_refused_before_it_is_decoded():
    sent = saved(Image.new("RGB", (8192, 6144)))

    with pytest.raises(PhotoRefused) as refused:
        make_safe(sent)
    assert refused.value.why == Refusal.TOO_MANY_PIXELS
