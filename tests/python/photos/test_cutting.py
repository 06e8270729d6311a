"""Pictures cut out of their sources again, by five points of the face."""

from __future__ import annotations

import io

import numpy as np
import pytest
from PIL import Image

from swiftavatar_train.photos.cutting import cut_picture, decode, find_box, fingerprint, fingerprint_distance, snap
from swiftavatar_train.photos.faces import largest_face
from swiftavatar_train.photos.git_objects import Missing
from swiftavatar_train.photos.tables import Picture
from bundle_networks import BundleNetworks, example

NETWORKS = BundleNetworks()


def as_listed(image: Image.Image, name: str) -> Picture:
    """The row of a picture that somebody once cut."""
    five = largest_face(np.asarray(image), NETWORKS).five.round(1)
    return Picture(name, "a.jpg", "some/team", "a.jpg", "0" * 40, "", *image.size, five, fingerprint(image))


def jpeg(image: Image.Image) -> bytes:
    file = io.BytesIO()
    image.save(file, "JPEG", quality=87)
    return file.getvalue()


@pytest.mark.parametrize("box", [(60, 0, 400, 330), (97, 11, 352, 266), (0, 0, 512, 512)])
def test_unscaled_cut_is_found_to_the_pixel(box: tuple[int, int, int, int]) -> None:
    source = Image.fromarray(example())
    given = decode(jpeg(source.crop(box)))
    picture = as_listed(given, "congress")  # of which the longest side is 560: this was not scaled
    assert find_box(source, picture, NETWORKS) == box
    assert (np.asarray(cut_picture(source, picture, NETWORKS)) == np.asarray(source.crop(box))).all()


@pytest.mark.parametrize("box", [(200, 100, 1100, 1000), (150, 0, 1170, 990), (0, 0, 1280, 1280)])
def test_scaled_cut_is_found(box: tuple[int, int, int, int]) -> None:
    source = Image.fromarray(example()).resize((1280, 1280), Image.BICUBIC)
    longest = max(box[2] - box[0], box[3] - box[1])
    size = tuple(round((box[k + 2] - box[k]) * 512 / longest) for k in (0, 1))
    given = decode(jpeg(source.crop(box).resize(size, Image.LANCZOS)))
    picture = as_listed(given, "world")
    found = find_box(source, picture, NETWORKS)
    assert np.abs(np.subtract(found, box)).max() <= 0.006 * longest, found
    made = cut_picture(source, picture, NETWORKS)
    assert made.size == given.size
    assert np.abs(np.asarray(made, int) - np.asarray(given, int)).mean() < 4


def test_another_face_is_refused() -> None:
    source = Image.fromarray(example())
    picture = as_listed(source.crop((60, 0, 400, 330)), "congress")
    stretched = picture.five * (1, 1.4)
    with pytest.raises(Missing, match="no face that fits"):
        cut_picture(source, Picture(**{**vars(picture), "five": stretched}), NETWORKS)


def test_other_content_is_refused() -> None:
    """The face fits, but the picture around it is not what the table says."""
    source = Image.fromarray(example())
    picture = as_listed(source.crop((60, 0, 400, 330)), "congress")
    other = Picture(**{**vars(picture), "fingerprint": f"{int(picture.fingerprint, 16) ^ 0xffff:016x}"})
    with pytest.raises(Missing, match="something else"):
        cut_picture(source, other, NETWORKS)


def test_no_face_is_said() -> None:
    picture = as_listed(Image.fromarray(example()).crop((60, 0, 400, 330)), "congress")
    with pytest.raises(Missing, match="no face that fits"):
        cut_picture(Image.new("RGB", (600, 600), "gray"), picture, NETWORKS)


def test_box_ends_at_borders_that_it_all_but_reaches() -> None:
    picture = Picture("world", "a.jpg", "", "", "", "", 512, 512, np.zeros((5, 2)), "")
    assert snap(np.array([-3.0, 4.0, 997.0, 1004.0]), (1200, 1005), picture) == (0, 0, 997, 1005)


@pytest.mark.parametrize("content", [b"", b"version https://git-lfs.github.com/spec/v1\n", b"\xff\xd8\xff\xe0" + b"\0" * 40])
def test_what_is_no_picture_is_said(content: bytes) -> None:
    with pytest.raises(Missing, match="no picture"):
        decode(content)


@pytest.mark.parametrize("side", [9100, 20000])
def test_picture_with_too_many_pixels_is_not_decoded(side: int) -> None:
    header = io.BytesIO()
    Image.new("1", (side, side)).save(header, "PNG")
    with pytest.raises(Missing, match="too many"):
        decode(header.getvalue())


def test_fingerprint_survives_jpeg_and_tells_pictures_apart() -> None:
    image = Image.fromarray(example())
    assert fingerprint_distance(fingerprint(image), fingerprint(decode(jpeg(image)))) <= 2
    assert fingerprint_distance(fingerprint(image), fingerprint(image.transpose(Image.FLIP_LEFT_RIGHT))) > 20
