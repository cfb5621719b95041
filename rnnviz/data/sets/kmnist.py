"""Kuzushiji-MNIST: old Japanese cursive in MNIST's form, in the data folder or downloaded once."""

from rnnviz.data.idx import SPLITS, Collection

NAME = "kmnist"
LABEL = "Kuzushiji-MNIST"
DESCRIPTION = "70,000 characters of cursive Japanese from old books, 28x28 pixels, ten hiragana"
CLASSES = ("o お", "ki き", "su す", "tsu つ", "na な", "ha は", "ma ま", "ya や", "re れ", "wo を")
"""Romanised first, for screens without a Japanese font and people who don't read it."""

COLLECTION = Collection(
    name=NAME,
    title=LABEL,
    torchvision="KMNIST",
    classes=CLASSES,
    source=(
        "T. Clanuwat, M. Bober-Irizar, A. Kitamoto, A. Lamb, K. Yamamoto and D. Ha, Deep Learning "
        "for Classical Japanese Literature, 2018, arXiv:1812.01718; the KMNIST Dataset by CODH, "
        "adapted from the Kuzushiji Dataset by NIJL and others, doi:10.20676/00000341; "
        "CC BY-SA 4.0"
    ),
)
available = COLLECTION.available
load = COLLECTION.load

__all__ = ["CLASSES", "DESCRIPTION", "LABEL", "NAME", "SPLITS", "available", "load"]
