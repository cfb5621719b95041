"""Tables to take away. Pure data, no Streamlit."""

import csv
import io
from collections.abc import Mapping
from typing import Any

import numpy as np


def table_csv(table: Mapping[str, Any]) -> bytes:
    """Return columns as CSV text in UTF-8, float64 to its last digit.

    Raises:
        ValueError: If the columns differ in length.
    """
    columns = {name: np.asarray(values).tolist() for name, values in table.items()}
    if len({len(column) for column in columns.values()}) > 1:
        lengths = ", ".join(f"{name}: {len(column)}" for name, column in columns.items())
        raise ValueError(f"The columns of a table are of one length, got {lengths}.")
    file = io.StringIO()
    writer = csv.writer(file, lineterminator="\n")
    writer.writerow(columns)
    writer.writerows(zip(*columns.values(), strict=True))
    return file.getvalue().encode()
