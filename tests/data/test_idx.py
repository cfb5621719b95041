"""MNIST and its kin, from files that the tests write by LeCun's description of the format."""

import gzip
import hashlib
import http.client
import threading
import unicodedata
from pathlib import Path

import numpy as np
import pytest
from torchvision import datasets

from rnnviz.data import fetch
from rnnviz.data.errors import DataError
from rnnviz.data.idx import FILES
from rnnviz.data.sets import fashion_mnist, kmnist, mnist

SETS = {module.NAME: module for module in (mnist, fashion_mnist, kmnist)}
TORCHVISION = {
    "mnist": datasets.MNIST,
    "fashion-mnist": datasets.FashionMNIST,
    "kmnist": datasets.KMNIST,
}


def idx(values):
    """Return an array as an IDX file."""
    lengths = b"".join(length.to_bytes(4, "big") for length in values.shape)
    return bytes([0, 0, 8, values.ndim]) + lengths + values.astype(np.uint8).tobytes()


@pytest.fixture(params=SETS)
def name(request):
    return request.param


@pytest.fixture
def module(name):
    return SETS[name]


@pytest.fixture
def reference(name):
    """Return torchvision's class of the same data set."""
    return TORCHVISION[name]


@pytest.fixture
def pictures():
    return np.random.default_rng(0).integers(0, 256, (6, 28, 28))


@pytest.fixture
def raw(tmp_path, reference):
    return tmp_path / reference.__name__ / "raw"


@pytest.fixture
def folder(tmp_path, raw, pictures):
    raw.mkdir(parents=True)
    for prefix, n in (("train", 6), ("t10k", 2)):
        (raw / f"{prefix}-images-idx3-ubyte").write_bytes(idx(pictures[:n]))
        (raw / f"{prefix}-labels-idx1-ubyte").write_bytes(idx(np.arange(n)))
    return tmp_path


def test_the_files_give_pictures_and_labels(module, folder, pictures):
    assert module.available(folder)
    train, test = module.load("train", folder), module.load("test", folder)
    assert np.array_equal(train.images, pictures)
    assert train.labels.tolist() == [0, 1, 2, 3, 4, 5]
    assert (train.name, train.split, len(test)) == (module.NAME, "train", 2)
    assert train[4].name == module.CLASSES[4]


def test_a_folder_of_compressed_files_gives_the_same(module, folder, raw, pictures):
    for path in list(raw.iterdir()):
        path.with_name(f"{path.name}.gz").write_bytes(gzip.compress(path.read_bytes()))
        path.unlink()
    assert module.available(folder)
    assert np.array_equal(module.load("train", folder).images, pictures)


def test_torchvision_reads_the_same_from_the_same_folder(module, reference, folder):
    theirs = reference(root=folder, train=True, download=False)
    ours = module.load("train", folder)
    assert np.array_equal(theirs.data.numpy(), ours.images)
    assert np.array_equal(theirs.targets.numpy(), ours.labels)


def test_the_clothes_are_called_as_torchvision_calls_them():
    assert list(fashion_mnist.CLASSES) == datasets.FashionMNIST.classes


def test_the_hiragana_stand_beside_their_romanisation():
    romans, kana = zip(*(name.split(" ") for name in kmnist.CLASSES), strict=True)
    assert list(romans) == datasets.KMNIST.classes
    # Unicode spells つ "TU", as the Kunrei system does, where Hepburn's has "tsu".
    spelt = [unicodedata.name(sign) for sign in kana]
    assert spelt == [f"HIRAGANA LETTER {r.replace('tsu', 'tu').upper()}" for r in romans]


@pytest.mark.parametrize(
    "content",
    [b"", b"\0\0", b"<html>404</html>", b"\0\0\x08\x03\xff\xff\xff\xff" * 2, b"\0\0\x0d\x01\0"],
)
def test_a_damaged_file_is_named(module, folder, raw, content):
    (raw / "train-images-idx3-ubyte").write_bytes(content)
    with pytest.raises(DataError, match=r"train-images-idx3-ubyte .*Delete it"):
        module.load("train", folder)


@pytest.mark.parametrize("labels", [np.arange(5), np.full(6, 10)])
def test_files_that_do_not_belong_together_are_refused(module, folder, raw, labels):
    (raw / "train-labels-idx1-ubyte").write_bytes(idx(labels))
    with pytest.raises(DataError, match=rf"{module.LABEL} files .* do not belong together"):
        module.load("train", folder)


@pytest.fixture
def mirror(reference, folder, raw, tmp_path, monkeypatch):
    """Return a mirror of the files, on the disk instead of the web."""
    place = tmp_path / "mirror"
    place.mkdir()
    resources = []
    for path in raw.iterdir():
        packed = gzip.compress(path.read_bytes())
        (place / f"{path.name}.gz").write_bytes(packed)
        resources.append((f"{path.name}.gz", hashlib.md5(packed).hexdigest()))
    nowhere = (tmp_path / "nowhere").as_uri() + "/"
    monkeypatch.setattr(reference, "mirrors", [nowhere, place.as_uri() + "/"])
    monkeypatch.setattr(reference, "resources", resources)
    return place


def test_a_download_goes_on_to_the_next_mirror_and_stays(module, mirror, tmp_path, pictures):
    progress = []
    empty = tmp_path / "empty"
    assert not module.available(empty)
    loaded = module.load("train", empty, progress=lambda *report: progress.append(report))
    assert np.array_equal(loaded.images, pictures)
    assert all(done == total > 0 for _, done, total in progress)
    assert {name for name, *_ in progress} == set(FILES["train"])
    for path in mirror.iterdir():
        path.unlink()
    assert np.array_equal(module.load("train", empty).images, pictures)


def test_a_file_with_another_checksum_is_not_kept(module, mirror, tmp_path):
    for path in mirror.iterdir():
        path.write_bytes(gzip.compress(b"something else"))
    with pytest.raises(DataError, match="not the one it should be"):
        module.load("test", tmp_path / "empty")
    assert not list((tmp_path / "empty").rglob("*ubyte*"))


def test_offline_the_message_says_what_to_do(module, reference, raw, tmp_path, monkeypatch):
    monkeypatch.setattr(reference, "mirrors", [(tmp_path / "nowhere").as_uri() + "/"])
    with pytest.raises(DataError) as caught:
        module.load("test", tmp_path)
    message = str(caught.value)
    assert message.startswith(f"{module.LABEL} is not to be had")
    assert str(raw) in message
    assert "t10k-labels-idx1-ubyte" in message
    assert "--dataset digits" in message


def test_a_folder_that_cannot_be_written_to_is_named(module, mirror, tmp_path):
    place = tmp_path / "file"
    place.write_text("no folder")
    with pytest.raises(DataError, match=r"cannot be written to .*--dataset digits"):
        module.load("test", place)


def test_a_network_that_answers_nonsense_is_as_good_as_none(module, tmp_path, monkeypatch):
    def answer(*_, **__):
        raise http.client.BadStatusLine("log in first")

    monkeypatch.setattr("urllib.request.urlopen", answer)
    with pytest.raises(DataError, match="log in first"):
        module.load("test", tmp_path)


def test_two_who_write_the_same_file_at_once_leave_it_whole(tmp_path):
    path: Path = tmp_path / "raw" / "file"
    content = bytes(range(256)) * 4096
    writers = [threading.Thread(target=fetch.write_whole, args=(path, content)) for _ in range(8)]
    for writer in writers:
        writer.start()
    for writer in writers:
        writer.join()
    assert path.read_bytes() == content
    assert list(path.parent.iterdir()) == [path]


def test_an_unknown_split_names_those_there_are(module, folder):
    with pytest.raises(ValueError, match="train, test"):
        module.load("validation", folder)
