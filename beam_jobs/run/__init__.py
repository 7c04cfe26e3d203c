"""The run: all stages in order, unchanged ones skipped, with a display and a report at the end."""
