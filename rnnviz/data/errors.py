"""The errors of the data package: all of them are about something a person can mend."""


class InputError(ValueError):
    """Something a person gave cannot be used; the message says what to do about it."""


class DataError(InputError):
    """A data set is missing or damaged."""


class DrawingError(InputError):
    """A drawing, or the link that carries it, cannot be read."""


class PictureError(InputError):
    """A file is not a picture that can be read."""


class EmptyPictureError(PictureError):
    """A picture or a drawing holds nothing that could be read as a digit."""


class ClipError(InputError):
    """A file, or a folder, is not a clip that can be read."""
