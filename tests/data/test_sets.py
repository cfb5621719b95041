"""Every data set that is found holds to one interface, with its files and without them."""

import urllib.error

import numpy as np
import pytest

from rnnviz.data.errors import DataError
from rnnviz.data.sets import PACKAGE, class_names, load_dataset
from rnnviz.registry import discover


@pytest.fixture
def offline(monkeypatch):
    def refuse(*_, **__):
        raise urllib.error.URLError("there is no network")

    monkeypatch.setattr("urllib.request.urlopen", refuse)


@pytest.mark.parametrize("name", discover(PACKAGE))
def test_a_data_set_declares_what_a_menu_shows(name):
    module = discover(PACKAGE)[name]
    assert module.LABEL and module.DESCRIPTION
    assert {"train", "test"} <= set(module.SPLITS)
    assert len(set(module.CLASSES)) == len(module.CLASSES) >= 2
    assert all(module.CLASSES)


@pytest.mark.parametrize("name", discover(PACKAGE))
def test_a_data_set_that_is_there_loads_and_another_says_what_to_do(name, tmp_path, offline):
    module = discover(PACKAGE)[name]
    for split in module.SPLITS:
        if not module.available(tmp_path):
            with pytest.raises(DataError, match="--dataset digits"):
                load_dataset(name, split, tmp_path)
            continue
        data, again = (load_dataset(name, split, tmp_path) for _ in range(2))
        assert (data.name, data.split, data.classes) == (name, split, module.CLASSES)
        assert len(data) and data.source
        assert np.array_equal(data.images, again.images)
        assert np.array_equal(data.labels, again.labels)


@pytest.mark.parametrize("name", discover(PACKAGE))
def test_a_data_set_refuses_a_split_it_does_not_have(name, tmp_path):
    with pytest.raises(ValueError, match=f"'{name}' has no split 'dev'.*train.*test"):
        load_dataset(name, "dev", tmp_path)


def test_an_unknown_data_set_lists_those_there_are(tmp_path):
    with pytest.raises(ValueError, match=r"no data set 'letters'.*digits.*mnist"):
        load_dataset("letters", "test", tmp_path)


def test_data_sets_of_the_same_classes_name_them_together():
    digits = tuple("0123456789")
    assert class_names(["digits"]) == class_names(["mnist", "pendigits"]) == digits
    assert class_names(["fashion-mnist"]) == discover(PACKAGE)["fashion-mnist"].CLASSES
    assert class_names(["mnist", "kmnist"]) is None
    assert class_names(["letters"]) is None
    assert class_names([]) is None


def test_one_data_set_needs_no_files(tmp_path):
    assert discover(PACKAGE)["digits"].available(tmp_path)
