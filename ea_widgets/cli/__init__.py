"""The command `ea-widgets`: one file per command."""

from ea_widgets.cli.main import main as main
