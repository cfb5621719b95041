"""Which folders make up the package; everything else stands in pyproject.toml."""

from pathlib import Path

from setuptools import find_namespace_packages, setup

# Folders without Python in them (the browser components) are packages too, so that their
# files are shipped.
packages = find_namespace_packages(include=["rnnviz", "rnnviz.*"], exclude=["*.__pycache__*"])
package_dir = {}

# In the repository the checkpoints lie at the top, where people look for them; in an installed
# package they lie inside it, where they can be found from rnnviz.__file__.
if Path("pretrained").is_dir():
    packages.append("rnnviz.pretrained")
    package_dir["rnnviz.pretrained"] = "pretrained"

setup(packages=packages, package_dir=package_dir)
