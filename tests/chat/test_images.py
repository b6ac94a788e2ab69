"""A file becomes a data URL, or one line says why not."""

from __future__ import annotations

import base64
import os
from pathlib import Path

import pytest

from pulumi_poe.chat import images
from pulumi_poe.chat.images import data_url
from pulumi_poe.core.errors import RefusedError

PNG = base64.b64decode(
    "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg=="
)


@pytest.mark.parametrize(
    ("begins", "type_"),
    [
        (PNG, "image/png"),
        (b"\xff\xd8\xff\xe0", "image/jpeg"),
        (b"GIF89a", "image/gif"),
        (b"RIFF\x10\0\0\0WEBPVP8 ", "image/webp"),
    ],
)
def test_an_image_is_known_by_its_first_bytes_whatever_it_is_called(tmp_path: Path, begins: bytes, type_: str) -> None:
    file = tmp_path / "picture.txt"
    file.write_bytes(begins)
    assert data_url(file) == f"data:{type_};base64,{base64.b64encode(begins).decode()}"


def refusal(path: Path) -> str:
    with pytest.raises(RefusedError) as refused:
        data_url(path)
    assert len(str(refused.value).splitlines()) == 1
    return str(refused.value)


def test_a_file_that_is_no_image_is_refused(tmp_path: Path) -> None:
    file = tmp_path / "picture.png"
    for content in (b"", b"<svg>", b"RIFF\0\0\0\0WAVE"):
        file.write_bytes(content)
        assert "is no image that a bot takes. Those are PNG, JPEG, GIF and WebP." in refusal(file)


def test_a_file_that_is_not_there_is_refused(tmp_path: Path) -> None:
    assert "picture.png can't be read: No such file or directory" in refusal(tmp_path / "picture.png")
    assert "can't be read" in refusal(Path("a\0b"))


def test_what_is_no_file_is_not_read(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe")
    assert "pipe is no file" in refusal(tmp_path / "pipe")
    assert "is no file" in refusal(tmp_path)


def test_an_image_that_is_too_large_is_refused_without_reading_it(tmp_path: Path) -> None:
    file = tmp_path / "picture.png"
    with file.open("wb") as sparse:
        sparse.truncate(images.LONGEST)
    assert "picture.png is too large for a question, which may have 20 MB" in refusal(file)


def test_the_largest_image_fits_a_question(tmp_path: Path) -> None:
    file = tmp_path / "picture.png"
    with file.open("wb") as sparse:
        sparse.write(PNG)
        sparse.truncate(images._LARGEST)
    assert images.LONGEST - 2**17 < len(data_url(file)) < images.LONGEST
