"""What stands in a notebook for a page that is not live: a second output of its cell."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any
from uuid import uuid4

from IPython import get_ipython
from IPython.display import HTML, DisplayHandle, display

if TYPE_CHECKING:
    from collections.abc import Callable

    from ea_widgets.widgets.base import EvaluationWidget

RULES = """<style>
body:has(.eaw-live-{0}:not(.jupyter-widgets-disconnected)) .eaw-static-{0} {{ display: none; }}
body:has(.eaw-static-{0}) .eaw-live-{0}.jupyter-widgets-disconnected {{ display: none; }}
</style>"""

"""Hide the picture while the page lives, and the page where it does not and there is a picture."""

NO_MODEL = """<style>
.jp-OutputArea-child:has(+ .jp-OutputArea-child .eaw-static) .jp-OutputArea-output:not(:has(.eaw))
{ display: none; }
</style>"""
"""Hides what a notebook that is opened again says in place of a page that it has not kept."""


def nobody_answers() -> bool:
    """Tell whether a notebook is run for a file, as nbconvert does: nobody can be asked."""
    kernel = getattr(get_ipython(), "kernel", None)
    return kernel is not None and not getattr(kernel, "_allow_stdin", True)


class Fallback:
    """Shows a page with its still picture behind it, which style hides while the page is live.

    Parameters
    ----------
    page : EvaluationWidget
    still : callable
        Gives the HTML of the picture.

    Attributes
    ----------
    rules : str
        A style sheet to be shown on the page.
    """

    def __init__(self, page: EvaluationWidget, still: Callable[[], str]) -> None:
        self._still = still
        self._number = uuid4().hex[:12]
        self._handle: DisplayHandle | None = None
        page.add_class(f"eaw-live-{self._number}")
        self.rules = RULES.format(self._number)

    def display(self, bundle: dict[str, Any]) -> None:
        """Write both outputs."""
        display(bundle, raw=True)
        self._handle = display(self._html(), display_id=True)

    def renew(self) -> None:
        """Write what is on the page now, where it has been displayed."""
        if self._handle is not None:
            self._handle.update(self._html())

    def _html(self) -> HTML:
        of_page = f"eaw-static eaw-static-{self._number}"
        return HTML(f'<div class="{of_page}">{NO_MODEL}{self._still()}</div>')
