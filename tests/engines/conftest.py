"""The engines that a slow run starts: one of each for a worker, and only where they are here."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.conftest import COUNTS
from tests.engines.ceph import Ceph, ceph, missing
from tests.engines.seaweedfs import Cluster, cluster
from tests.postgres import Server


@pytest.fixture(scope="session")
def seaweedfs(postgres: Server, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Cluster]:
    """A SeaweedFS cluster.  It is shared: who kills a part starts it again."""
    with cluster(tmp_path_factory.mktemp("cluster"), postgres) as running:
        yield running


@pytest.fixture(scope="session")
def rados(pytestconfig: pytest.Config) -> Iterator[Ceph]:
    """Ceph with its gateway; what needs it is skipped, and says so at the end, where it is not."""
    if lacking := missing():
        pytestconfig.stash[COUNTS].append(f"NOTHING WAS TRIED ON CEPH; as root: {lacking}")
        pytest.skip(f"needs, as root: {lacking}")
    with tempfile.TemporaryDirectory(prefix="evidock-ceph-") as folder, ceph(Path(folder)) as made:
        yield made
