"""Somebody who has runs, and the table in which they stand."""

from dataclasses import dataclass
from pathlib import Path

from playwright.sync_api import Locator, Page

from rnnviz.training.runs.folder import RunFolder

WILD = '<b>wild</b> *one* [x](http://a.b) "q"'


@dataclass(frozen=True)
class Classroom:
    """A visitor who has two runs, "first" and one with a wild name."""

    who: str
    folder: Path
    first: str
    wild: str

    def files(self, run: str) -> RunFolder:
        return RunFolder(self.folder / run)


def row(page: Page, name: str) -> Locator:
    return page.locator(".runs-table tbody tr").filter(
        has=page.get_by_role("button", name=name, exact=True)
    )


def compare(page: Page, name: str) -> None:
    page.get_by_role("checkbox", name=f"Compare {name}", exact=True).check()
