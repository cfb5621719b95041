"""The handful of pictures whose answers a run tells as it learns."""

from rnnviz.data.dataset import Dataset
from rnnviz.training.data import Pictures, as_pictures
from rnnviz.training.moments import handful
from rnnviz.training.settings import TrainingSettings

VALIDATION_SHARE = 5
"""At most one picture in so many is kept from training (see ``load_pictures``)."""


def watched_pictures(data: Dataset, settings: TrainingSettings) -> Pictures:
    """Return the pictures that the moments of a run are measured on, in their order.

    Args:
        data: The training split of the run's first data set.
        settings: The run's.
    """
    end = len(data) - min(settings.validation, len(data) // VALIDATION_SHARE)
    return handful(as_pictures(data.images[end:], data.labels[end:]), len(data.classes))
