"""The shell: blocks on Beam, the jobs, the daily run, commands, reports, the demo."""

import logging

# Beam warns at import of a client library that only its Google Cloud extra brings.
logging.getLogger().addFilter(lambda record: "apitools not found" not in record.getMessage())
