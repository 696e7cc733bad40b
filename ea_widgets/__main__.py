"""``python -m ea_widgets``: the command `ea-widgets`, where it is not on the path."""

from __future__ import annotations

import sys

from ea_widgets.cli.main import main

if __name__ == "__main__":
    sys.exit(main())
