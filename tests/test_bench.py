"""The benchmark's logs and peers: an independent count of the same evidence."""

import json
import subprocess
import sys
from pathlib import Path

import polars as pl
import pyarrow.parquet as pq
import pytest

from beam_jobs import aggregate_clicks
from beam_jobs.blocks.flags import Common
from labels.queries import normalize_query
from tests.bench.logs import Shape, collection_of, log_rows, write_log

pytest.importorskip("duckdb", reason="DuckDB is the oracle here; pip install '.[bench]'")

SHAPE = Shape(rows=12_001, days=3, seed=5)


@pytest.fixture(scope="module")
def log(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_log(SHAPE.heated(True), tmp_path_factory.mktemp("bench") / "log")


@pytest.fixture(scope="module")
def evidence(log: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    output = tmp_path_factory.mktemp("ours") / "evidence"
    aggregate_clicks.run(aggregate_clicks.Config(str(log), str(output)), Common())
    return output


def test_log_has_the_shape_that_was_asked_for(log: Path) -> None:
    frame = pl.concat([pl.read_parquet(path) for path in sorted(log.glob("date=*/*.parquet"))])
    assert log_rows(log) == len(frame) == SHAPE.rows
    assert frame["event_time"].dt.date().n_unique() == SHAPE.days
    normal = frame["query"].map_elements(normalize_query, return_dtype=pl.String)
    assert normal.value_counts(sort=True)["count"][0] / len(frame) > 0.3
    assert normal.n_unique() < frame["query"].n_unique()
    assert frame["image_id"].value_counts(sort=True)["count"][0] / len(frame) == pytest.approx(0.1, abs=0.02)
    assert 0.04 < frame["clicked"].mean() < 0.12  # type: ignore[operator]
    by_position = frame.group_by("position").agg(pl.col("clicked").mean()).sort("position")["clicked"]
    assert by_position[:6].mean() > 1.5 * by_position[-6:].mean()  # type: ignore[operator]
    known = set(pq.read_table(collection_of(log))["image_id"].to_pylist())
    assert set(frame["image_id"]) <= known


def test_equal_shapes_give_equal_bytes(tmp_path: Path) -> None:
    logs = [write_log(SHAPE, tmp_path / name) for name in ("one", "two")]
    files = [sorted(log.glob("date=*/*.parquet")) for log in logs]
    assert [path.read_bytes() for path in files[0]] == [path.read_bytes() for path in files[1]]
    other = write_log(Shape(rows=12_001, days=3, seed=6), tmp_path / "three")
    assert files[0][0].read_bytes() != sorted(other.glob("date=*/*.parquet"))[0].read_bytes()


@pytest.mark.parametrize("peer", ["peers_duckdb", "peers_polars", "peers_beam"])
def test_peers_count_what_aggregate_clicks_counts(peer: str, log: Path, evidence: Path, tmp_path: Path) -> None:
    from importlib import import_module

    from tests.bench.checks import check_evidence

    module = import_module(f"tests.bench.{peer}")
    module.evidence(log=str(log), output=str(tmp_path), threads=pl.thread_pool_size())
    check_evidence({"ours": evidence, peer: tmp_path}, rows=SHAPE.rows)


def test_a_peer_that_counts_otherwise_is_found(log: Path, evidence: Path, tmp_path: Path) -> None:
    from tests.bench import peers_duckdb
    from tests.bench.checks import check_evidence
    from tests.bench.measure import BenchError

    peers_duckdb.evidence(log=str(log), output=str(tmp_path), threads=1)
    path = next(tmp_path.glob("clicks/*/part-0.parquet"))
    frame = pl.read_parquet(path)
    frame.with_columns(pl.col("clicks") + (pl.int_range(pl.len()) == 7).cast(pl.Int64)).write_parquet(path)
    with pytest.raises(BenchError, match="ours and duckdb disagree about clicks: as many rows"):
        check_evidence({"ours": evidence, "duckdb": tmp_path}, rows=SHAPE.rows)


def test_a_contender_that_fails_ends_the_benchmark_with_what_it_said(tmp_path: Path) -> None:
    from tests.bench.measure import BenchError, Contender, run_worker

    lost = Contender("lost", "tests.bench.peers_duckdb:evidence", {"log": str(tmp_path / "nowhere")})
    with pytest.raises(BenchError, match=r"(?s)lost ended with 1 .*nowhere"):
        run_worker(lost, output=tmp_path / "output")


def test_command_compares_and_writes_json(log: Path, tmp_path: Path) -> None:
    flags = ["--log", str(log), "--repeats", "1", "--only", "duckdb", "--json", str(tmp_path / "figures.json")]
    done = subprocess.run(
        [sys.executable, "-m", "tests.bench", "evidence", *flags], capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
    told = json.loads((tmp_path / "figures.json").read_text())
    (result,) = told["results"]
    assert result["rows"] == SHAPE.rows
    assert set(result["contenders"]) == {"image-intent", "DuckDB"}
    assert all(run["seconds"] > 0 and run["peak"] > 0 for who in result["contenders"].values() for run in who["runs"])
    assert set(result["profile"]["phases"]) & {"read, decode", "count, decide", "Beam, graph"}
    assert "DuckDB" in done.stdout
