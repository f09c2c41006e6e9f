"""Folders of images: classes and splits from the folders, pixels from Pillow, and a word for every bad file."""

from __future__ import annotations

import os
import time
import tracemalloc
from pathlib import Path

import numpy as np
import pytest

pytest.importorskip("PIL")

from PIL import Image

from playground.data.image_folder import ImageFolder
from playground.data.recognise import recognise
from playground.text import Refusal
from tests.data.pictures import huge_png, picture, write_folder

REAL = Path(__file__).parents[2] / ".." / "shared" / "data" / "cifar10_images"


def read(root: Path, **parameters: object):
    return ImageFolder(path=str(root), **parameters).read()


def refusal(root: Path, **parameters: object) -> str:
    with pytest.raises(Refusal) as caught:
        read(root, **parameters)
    assert "\n" not in str(caught.value)
    return str(caught.value)


# -- good folders ------------------------------------------------------------------------------------------------


def test_pixels_and_classes_arrive_exactly(tmp_path: Path) -> None:
    write_folder(tmp_path)
    data = read(tmp_path)
    assert data.facts.targets["label"].classes == ("cat", "dog")
    assert data.facts.inputs["x"].sizes == (3, 6, 6)
    train = data.splits["train"]
    assert train.targets["label"].tolist() == [0, 0, 0, 1, 1, 1]
    wanted = np.asarray(picture(seed=11)).transpose(2, 0, 1) / np.float32(255)
    np.testing.assert_array_equal(train.inputs["x"][4], wanted)
    assert (data.problems, data.remarks) == ((), ())


@pytest.mark.parametrize("suffix", ["png", "jpg", "webp", "bmp", "JPEG"])
def test_the_four_formats_are_read(suffix: str, tmp_path: Path) -> None:
    write_folder(tmp_path, suffix=suffix)
    assert isinstance(recognise(tmp_path), ImageFolder)
    assert read(tmp_path).facts.counts == {"train": 6}


def test_split_folders_and_nested_ones_are_understood(tmp_path: Path) -> None:
    root = tmp_path / "download" / "set"
    for split, n in (("Train", 3), ("val", 2), ("test", 1)):
        write_folder(root / split, n)
    assert recognise(tmp_path / "download").path == str(root)
    assert read(root).facts.counts == {"train": 6, "validation": 4, "test": 2}
    assert read(root, roles="val=test, test=none").facts.counts == {"train": 6, "test": 4}


def test_a_class_may_be_called_train(tmp_path: Path) -> None:
    write_folder(tmp_path, classes=("car", "train", "boat"))
    data = read(tmp_path)
    assert data.facts.targets["label"].classes == ("boat", "car", "train")
    assert data.facts.counts == {"train": 9}


def test_numbered_classes_are_counted_as_people_count(tmp_path: Path) -> None:
    write_folder(tmp_path, 1, tuple(str(k) for k in range(12)))
    assert read(tmp_path).facts.targets["label"].classes == tuple(str(k) for k in range(12))


def test_a_class_without_examples_to_train_on_is_remarked(tmp_path: Path) -> None:
    write_folder(tmp_path / "train")
    write_folder(tmp_path / "test", classes=("cat", "dog", "owl"))
    data = read(tmp_path)
    assert data.facts.targets["label"].classes == ("cat", "dog", "owl")
    assert "owl" in str(data.remarks[0])


def test_all_become_the_commonest_size_or_the_one_that_is_said(tmp_path: Path) -> None:
    write_folder(tmp_path, 3, height=20, width=10)
    picture(40, 40).save(tmp_path / "cat" / "large.png")
    assert read(tmp_path).facts.inputs["x"].sizes == (3, 20, 10)
    assert read(tmp_path, size=8).facts.inputs["x"].sizes == (3, 8, 8)
    assert read(tmp_path, size=(5, 9)).facts.inputs["x"].sizes == (3, 5, 9)


def test_large_images_are_made_smaller_in_their_own_proportions(tmp_path: Path) -> None:
    write_folder(tmp_path, 2, height=300, width=150, suffix="jpg")
    assert read(tmp_path).facts.inputs["x"].sizes == (3, 64, 32)


def test_making_smaller_keeps_what_is_where(tmp_path: Path) -> None:
    half = np.zeros((200, 200, 3), np.uint8)
    half[:, 100:] = 255, 0, 0
    for name, suffix in (("a", "png"), ("b", "jpg")):
        (tmp_path / name).mkdir()
        Image.fromarray(half).save(tmp_path / name / f"1.{suffix}", **({"quality": 95} if suffix == "jpg" else {}))
    for image in read(tmp_path, size=10).splits["train"].inputs["x"]:
        assert np.abs(image[0, :, :4]).max() < 0.05 and image[0, :, 6:].min() > 0.95
        assert np.abs(image[1:]).max() < 0.05


def test_grey_stays_grey_unless_one_has_colour(tmp_path: Path) -> None:
    write_folder(tmp_path, mode="L")
    assert read(tmp_path).facts.inputs["x"].sizes == (1, 6, 6)
    np.testing.assert_array_equal(
        read(tmp_path).splits["train"].inputs["x"][0, 0], np.asarray(picture(mode="L")) / np.float32(255)
    )
    assert read(tmp_path, colours="colour").facts.inputs["x"].sizes == (3, 6, 6)
    picture().save(tmp_path / "cat" / "colour.png")
    assert read(tmp_path).facts.inputs["x"].sizes == (3, 6, 6)
    assert read(tmp_path, colours="grey").facts.inputs["x"].sizes == (1, 6, 6)


def test_a_photo_taken_upright_stands_upright(tmp_path: Path) -> None:
    write_folder(tmp_path, 2, height=8, width=4)
    upright = np.zeros((8, 4, 3), np.uint8)
    upright[0] = 255  # a white line at the top
    for orientation, turn in ((6, Image.Transpose.ROTATE_90), (8, Image.Transpose.ROTATE_270)):
        exif = Image.Exif()
        exif[0x0112] = orientation
        Image.fromarray(upright).transpose(turn).save(tmp_path / "dog" / "0.png", exif=exif)
        Image.fromarray(upright).transpose(turn).save(tmp_path / "dog" / "1.webp", exif=exif, lossless=True)
        (tmp_path / "dog" / "1.png").unlink(missing_ok=True)
        data = read(tmp_path)
        assert data.facts.inputs["x"].sizes == (3, 8, 4)
        for image in data.splits["train"].inputs["x"][2:]:
            np.testing.assert_array_equal(image[0], upright[:, :, 0] / 255)


def test_what_is_seen_through_lies_on_white_paper(tmp_path: Path) -> None:
    write_folder(tmp_path, 1)
    clear = np.zeros((6, 6, 4), np.uint8)
    clear[:, 3:, 3] = 255  # black at the right, nothing at the left
    Image.fromarray(clear).save(tmp_path / "cat" / "0.png")
    image = read(tmp_path).splits["train"].inputs["x"][0]
    assert (image[:, :, :3] == 1).all() and (image[:, :, 3:] == 0).all()


@pytest.mark.parametrize("mode", ["1", "L", "LA", "P", "RGB", "RGBA", "I;16"])
def test_every_mode_of_png_is_read(mode: str, tmp_path: Path) -> None:
    ramp = np.linspace(0, 255, 36).reshape(6, 6).astype(np.uint8)
    (tmp_path / "a").mkdir()
    (tmp_path / "b").mkdir()
    image = Image.fromarray(ramp.astype(np.uint16) * 257) if mode == "I;16" else Image.fromarray(ramp).convert(mode)
    for name in "ab":
        image.save(tmp_path / name / "1.png")
    made = read(tmp_path, colours="grey").splits["train"].inputs["x"][0, 0]
    if mode != "1":
        np.testing.assert_allclose(made, ramp / 255, atol=0.02)
    assert made.min() == 0 and made.max() == 1


def test_reading_twice_gives_the_same_and_a_changed_file_another_fingerprint(tmp_path: Path) -> None:
    write_folder(tmp_path)
    one, other = read(tmp_path), read(tmp_path)
    assert one.facts == other.facts
    np.testing.assert_array_equal(one.splits["train"].inputs["x"], other.splits["train"].inputs["x"])
    picture(seed=99).save(tmp_path / "cat" / "0.png")
    assert read(tmp_path).facts.fingerprint != one.facts.fingerprint


def test_the_real_folder_is_read_completely_and_quickly() -> None:
    if not REAL.is_dir():
        pytest.skip("the shared images are not on this machine")
    began = time.perf_counter()
    data = recognise(REAL).read()
    assert time.perf_counter() - began < 3
    assert data.facts.counts == {"train": 1000, "test": 300}
    assert data.facts.targets["label"].classes[0] == "airplane"
    assert np.bincount(data.splits["train"].targets["label"]).tolist() == [100] * 10
    assert data.problems == ()


# -- bad folders -------------------------------------------------------------------------------------------------

BROKEN = {
    "empty": b"",
    "one byte": b"\x89",
    "a text": b"this is a cat",
    "NUL bytes": bytes(1000),
    "a header only": b"\x89PNG\r\n\x1a\n",
    "a JPEG that ends at once": b"\xff\xd8\xff",
    "a bitmap that promises 2**31 rows": b"BM"
    + b"\0" * 12
    + (40).to_bytes(4, "little")
    + b"\xff\xff\xff\x7f" * 2
    + bytes(28),
    "a hundred megapixels": huge_png(),
    "ten thousand megapixels": huge_png(100_000, 8)[:20] + (100_000).to_bytes(4) + huge_png(10, 10)[24:],
}


@pytest.mark.parametrize("what", BROKEN)
def test_a_bad_image_is_left_out_by_name_and_the_rest_is_read(what: str, tmp_path: Path) -> None:
    write_folder(tmp_path)
    (tmp_path / "cat" / "bad.png").write_bytes(BROKEN[what])
    tracemalloc.start()
    try:
        data = read(tmp_path)
        assert tracemalloc.get_traced_memory()[1] < 20_000_000
    finally:
        tracemalloc.stop()
    assert data.facts.counts == {"train": 6}
    assert data.splits["train"].targets["label"].tolist() == [0, 0, 0, 1, 1, 1]
    assert len(data.problems) == 1
    assert f"cat{os.sep}bad.png was left out: it " in str(data.problems[0])


def test_a_cut_image_is_left_out_wherever_it_ends(tmp_path: Path) -> None:
    write_folder(tmp_path, height=30, width=30)
    whole = (tmp_path / "dog" / "1.png").read_bytes()
    for keep in (20, 60, len(whole) // 2):
        (tmp_path / "dog" / "1.png").write_bytes(whole[:keep])
        data = read(tmp_path)
        assert data.facts.counts == {"train": 5}
        assert "1.png" in str(data.problems[0])


def test_many_bad_images_are_counted_not_listed(tmp_path: Path) -> None:
    write_folder(tmp_path)
    for k in range(20):
        (tmp_path / "cat" / f"bad{k}.png").write_bytes(b"no")
    problems = [str(problem) for problem in read(tmp_path).problems]
    assert len(problems) == 6 and problems[-1] == "15 more images were left out"


def test_only_bad_images_are_refused_with_the_first(tmp_path: Path) -> None:
    for name in ("cat", "dog"):
        (tmp_path / name).mkdir()
        (tmp_path / name / "1.jpg").write_bytes(b"\xff\xd8\xff")
    assert "1.jpg" in refusal(tmp_path)


def test_images_without_a_class_are_explained(tmp_path: Path) -> None:
    picture().save(tmp_path / "one.png")
    picture().save(tmp_path / "two.png")
    assert isinstance(recognise(tmp_path), ImageFolder)
    assert "The 2 images in" in refusal(tmp_path)
    write_folder(tmp_path, classes=("cat",))
    assert "of one class, cat" in refusal(tmp_path)
    write_folder(tmp_path)
    problems = read(tmp_path).problems
    assert "2 images lie in no folder of a class" in str(problems[0]) and "one.png" in str(problems[0])


def test_one_image_and_an_empty_folder_and_nothing_are_refused(tmp_path: Path) -> None:
    assert "no images in" in refusal(tmp_path)
    picture().save(tmp_path / "one.png")
    assert "no data set" in refusal(tmp_path / "one.png")
    assert "no file or folder" in refusal(tmp_path / "gone")
    with pytest.raises(Refusal, match="chosen"):
        ImageFolder().read()


@pytest.mark.skipif(os.name == "nt", reason="links need rights there")
def test_links_in_circles_end(tmp_path: Path) -> None:
    write_folder(tmp_path)
    (tmp_path / "cat" / "images").symlink_to(tmp_path)
    (tmp_path / "dog" / "self.png").symlink_to(tmp_path / "dog" / "self.png")
    assert read(tmp_path).facts.counts == {"train": 6}


def test_a_folder_of_too_many_files_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    write_folder(tmp_path)
    monkeypatch.setattr("playground.data.image_folder.MOST_FILES", 5)
    assert "more than 5 files" in refusal(tmp_path)


def test_an_unreadable_image_is_left_out(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    write_folder(tmp_path)
    opening = Image.open

    def forbidding(path: Path, **how: object) -> Image.Image:
        if Path(path).name == "1.png":
            raise PermissionError(13, "Permission denied")
        return opening(path, **how)

    monkeypatch.setattr(Image, "open", forbidding)
    data = read(tmp_path)
    assert data.facts.counts == {"train": 4} and "permissions" in str(data.problems[0])


def test_a_missing_pillow_is_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    write_folder(tmp_path)
    monkeypatch.setattr("importlib.util.find_spec", lambda name: None)
    assert "pip install pillow" in refusal(tmp_path)
