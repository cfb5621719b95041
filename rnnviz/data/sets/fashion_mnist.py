"""Fashion-MNIST: photos of clothes in MNIST's form, in the data folder or downloaded once."""

from rnnviz.data.idx import SPLITS, Collection

NAME = "fashion-mnist"
LABEL = "Fashion-MNIST"
DESCRIPTION = "70,000 photos of clothes, shoes and bags of 28x28 pixels, in ten kinds"
CLASSES = (
    "T-shirt/top",
    "Trouser",
    "Pullover",
    "Dress",
    "Coat",
    "Sandal",
    "Shirt",
    "Sneaker",
    "Bag",
    "Ankle boot",
)

COLLECTION = Collection(
    name=NAME,
    title=LABEL,
    torchvision="FashionMNIST",
    classes=CLASSES,
    source=(
        "H. Xiao, K. Rasul and R. Vollgraf, Fashion-MNIST: a Novel Image Dataset for Benchmarking "
        "Machine Learning Algorithms, 2017, arXiv:1708.07747; MIT licence"
    ),
)
available = COLLECTION.available
load = COLLECTION.load

__all__ = ["CLASSES", "DESCRIPTION", "LABEL", "NAME", "SPLITS", "available", "load"]
