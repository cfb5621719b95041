"""MNIST, from the data folder or downloaded into it once."""

from rnnviz.data.dataset import DIGITS
from rnnviz.data.idx import SPLITS, Collection

NAME = "mnist"
LABEL = "MNIST"
DESCRIPTION = "70,000 handwritten digits of 28x28 pixels, scanned from forms"
CLASSES = DIGITS

COLLECTION = Collection(
    name=NAME,
    title=LABEL,
    torchvision="MNIST",
    classes=CLASSES,
    source=(
        "Y. LeCun, C. Cortes and C. J. C. Burges, The MNIST database of handwritten digits; "
        "CC BY-SA 3.0"
    ),
)
available = COLLECTION.available
load = COLLECTION.load

__all__ = ["CLASSES", "DESCRIPTION", "LABEL", "NAME", "SPLITS", "available", "load"]
