"""See how small recurrent networks read pictures, step by step."""

__version__ = "0.1.0"
