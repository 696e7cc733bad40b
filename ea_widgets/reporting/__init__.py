"""The report: one self-contained page of HTML about an evaluation, without a front end."""
