import gzip
import hashlib
import http.client
from pathlib import Path

import numpy as np
import pytest

from rnnviz.data.errors import DataError
from rnnviz.data.sets import mnist


def idx(values):
    """Return an array as an IDX file, by LeCun's description of the format."""
    lengths = b"".join(length.to_bytes(4, "big") for length in values.shape)
    return bytes([0, 0, 8, values.ndim]) + lengths + values.astype(np.uint8).tobytes()


@pytest.fixture
def pictures():
    return np.random.default_rng(0).integers(0, 256, (6, 28, 28))


@pytest.fixture
def folder(tmp_path, pictures):
    raw = tmp_path / "MNIST" / "raw"
    raw.mkdir(parents=True)
    for prefix, n in (("train", 6), ("t10k", 2)):
        (raw / f"{prefix}-images-idx3-ubyte").write_bytes(idx(pictures[:n]))
        (raw / f"{prefix}-labels-idx1-ubyte").write_bytes(idx(np.arange(n)))
    return tmp_path


def test_the_files_give_pictures_and_labels(folder, pictures):
    assert mnist.available(folder)
    train, test = mnist.load("train", folder), mnist.load("test", folder)
    assert np.array_equal(train.images, pictures)
    assert train.labels.tolist() == [0, 1, 2, 3, 4, 5]
    assert len(test) == 2


def test_a_folder_of_compressed_files_gives_the_same(folder, pictures):
    for path in list((folder / "MNIST" / "raw").iterdir()):
        path.with_name(f"{path.name}.gz").write_bytes(gzip.compress(path.read_bytes()))
        path.unlink()
    assert np.array_equal(mnist.load("train", folder).images, pictures)


def test_torchvision_reads_the_same_from_the_same_folder(folder):
    from torchvision import datasets

    reference = datasets.MNIST(root=folder, train=True, download=False)
    ours = mnist.load("train", folder)
    assert np.array_equal(reference.data.numpy(), ours.images)
    assert np.array_equal(reference.targets.numpy(), ours.labels)


@pytest.mark.parametrize(
    "content",
    [b"", b"\0\0", b"<html>404</html>", b"\0\0\x08\x03\xff\xff\xff\xff" * 2, b"\0\0\x0d\x01\0"],
)
def test_a_damaged_file_is_named(folder, content):
    path = folder / "MNIST" / "raw" / "train-images-idx3-ubyte"
    path.write_bytes(content)
    with pytest.raises(DataError, match=r"train-images-idx3-ubyte .*Delete it"):
        mnist.load("train", folder)


def test_files_that_do_not_belong_together_are_refused(folder):
    path = folder / "MNIST" / "raw" / "train-labels-idx1-ubyte"
    path.write_bytes(idx(np.arange(5)))
    with pytest.raises(DataError, match="do not belong together"):
        mnist.load("train", folder)


@pytest.fixture
def mirror(folder, tmp_path, monkeypatch):
    """Return a mirror of MNIST's files, on the disk instead of the web."""
    from torchvision import datasets

    place = tmp_path / "mirror"
    place.mkdir()
    resources = []
    for path in (folder / "MNIST" / "raw").iterdir():
        packed = gzip.compress(path.read_bytes())
        (place / f"{path.name}.gz").write_bytes(packed)
        resources.append((f"{path.name}.gz", hashlib.md5(packed).hexdigest()))
    nowhere = (tmp_path / "nowhere").as_uri() + "/"
    monkeypatch.setattr(datasets.MNIST, "mirrors", [nowhere, place.as_uri() + "/"])
    monkeypatch.setattr(datasets.MNIST, "resources", resources)
    return place


def test_a_download_goes_on_to_the_next_mirror_and_stays(mirror, tmp_path, pictures):
    progress = []
    empty = tmp_path / "empty"
    assert not mnist.available(empty)
    loaded = mnist.load("train", empty, progress=lambda *report: progress.append(report))
    assert np.array_equal(loaded.images, pictures)
    assert all(done == total > 0 for _, done, total in progress)
    assert {name for name, *_ in progress} == set(mnist.FILES["train"])
    for path in mirror.iterdir():
        path.unlink()
    assert np.array_equal(mnist.load("train", empty).images, pictures)


def test_a_file_with_another_checksum_is_not_kept(mirror, tmp_path):
    for path in mirror.iterdir():
        path.write_bytes(gzip.compress(b"something else"))
    with pytest.raises(DataError, match="not the one it should be"):
        mnist.load("test", tmp_path / "empty")
    assert not list((tmp_path / "empty").rglob("*ubyte*"))


def test_offline_the_message_says_what_to_do(tmp_path, monkeypatch):
    from torchvision import datasets

    monkeypatch.setattr(datasets.MNIST, "mirrors", [(tmp_path / "nowhere").as_uri() + "/"])
    with pytest.raises(DataError) as caught:
        mnist.load("test", tmp_path)
    message = str(caught.value)
    assert str(Path("MNIST") / "raw") in message
    assert "t10k-labels-idx1-ubyte" in message
    assert "--dataset digits" in message


def test_a_network_that_answers_nonsense_is_as_good_as_none(tmp_path, monkeypatch):
    def answer(*_, **__):
        raise http.client.BadStatusLine("log in first")

    monkeypatch.setattr("urllib.request.urlopen", answer)
    with pytest.raises(DataError, match="log in first"):
        mnist.load("test", tmp_path)


def test_an_unknown_split_names_those_there_are(folder):
    with pytest.raises(ValueError, match="train, test"):
        mnist.load("validation", folder)
