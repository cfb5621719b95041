"""A file in its folder is all it takes to be found."""

import sys

import pytest

from rnnviz.registry import discover, find


@pytest.fixture
def folder(tmp_path, monkeypatch, request):
    """Return the folder of a package that is called as the test is, empty as yet."""
    package = tmp_path / request.node.name
    package.mkdir()
    (package / "__init__.py").touch()
    monkeypatch.setattr(sys, "path", [str(tmp_path), *sys.path])
    return package


def test_files_are_found_in_their_order_and_then_by_name(folder):
    for file, content in {
        "late": "NAME = 'late'\nORDER = 20",
        "zebra": "NAME = 'zebra'\nORDER = 10",
        "ape": "NAME = 'ape'\nORDER = 10",
        "first": "NAME = 'one-without-an-order'",
        "shared": "# What several files use has no name.",
    }.items():
        (folder / f"{file}.py").write_text(content)
    found = discover(folder.name)
    assert list(found) == ["one-without-an-order", "ape", "zebra", "late"]
    assert found["ape"] is find(folder.name, "ape", "animal")


def test_two_files_of_one_name_are_both_named(folder):
    for file in ("one", "other"):
        (folder / f"{file}.py").write_text("NAME = 'twin'")
    with pytest.raises(ValueError, match=r"called 'twin': .*\.one and .*\.other\. Rename"):
        discover(folder.name)


def test_what_is_not_there_lists_what_is(folder):
    (folder / "lion.py").write_text("NAME = 'lion'")
    with pytest.raises(ValueError, match=r"no animal 'unicorn'. Choose one of: lion\."):
        find(folder.name, "unicorn", "animal")
