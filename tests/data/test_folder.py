from pathlib import Path

import pytest

from rnnviz.data.folder import data_folder


def test_an_argument_goes_before_the_environment(monkeypatch, tmp_path):
    monkeypatch.setenv("RNNVIZ_DATA", str(tmp_path / "environment"))
    assert data_folder(tmp_path / "argument") == tmp_path / "argument"
    assert data_folder(str(tmp_path / "argument")) == tmp_path / "argument"


def test_the_environment_goes_before_the_cache(monkeypatch, tmp_path):
    monkeypatch.setenv("RNNVIZ_DATA", str(tmp_path))
    assert data_folder() == tmp_path


def test_an_unknown_users_home_is_a_folder_that_is_not_there():
    assert data_folder("~nobody-of-this-name/data") == Path("~nobody-of-this-name/data")


@pytest.mark.parametrize(
    ("platform", "variable"), [("linux", "XDG_CACHE_HOME"), ("win32", "LOCALAPPDATA")]
)
def test_otherwise_it_is_the_platforms_cache(monkeypatch, tmp_path, platform, variable):
    monkeypatch.setattr("sys.platform", platform)
    monkeypatch.delenv("RNNVIZ_DATA", raising=False)
    monkeypatch.setenv(variable, str(tmp_path))
    assert data_folder() == tmp_path / "rnnviz"


def test_without_any_setting_it_is_in_the_home_folder(monkeypatch, tmp_path):
    monkeypatch.setattr("sys.platform", "linux")
    monkeypatch.delenv("RNNVIZ_DATA", raising=False)
    monkeypatch.delenv("XDG_CACHE_HOME", raising=False)
    monkeypatch.setenv("HOME", str(tmp_path))
    assert data_folder() == Path(tmp_path) / ".cache" / "rnnviz"
