"""Read by Python at its start where this folder is on the path: Beam's worker pool has no other hook."""

from tests.cluster.pauses import dask_setup

dask_setup(None)
