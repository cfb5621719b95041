"""Which folders make up the package; everything else stands in pyproject.toml."""

from pathlib import Path

from setuptools import find_namespace_packages, setup

# Folders without Python in them (the browser components) are packages too, so that their
# files are shipped.
packages = find_namespace_packages(include=["rnnviz", "rnnviz.*"], exclude=["*.__pycache__*"])
package_dir = {}

# In the repository the checkpoints lie at the top, where people look for them, with the stages and
# the records of experiments in folders of their own; in an installed package all of them lie
# inside it, where they can be found from rnnviz.__file__.
for folder in (Path("pretrained"), *sorted(Path("pretrained").glob("*/"))):
    if folder.is_dir():
        name = ".".join(("rnnviz", *folder.parts))
        packages.append(name)
        package_dir[name] = folder.as_posix()

setup(packages=packages, package_dir=package_dir)
