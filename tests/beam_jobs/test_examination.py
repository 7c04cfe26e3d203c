"""How often people look at a position, from the log to the report, through the real jobs."""

from datetime import UTC, datetime
from pathlib import Path

import numpy as np
import polars as pl
import pyarrow as pa
import pytest

from beam_jobs import aggregate_clicks, derive_labels
from beam_jobs.blocks import manifest
from beam_jobs.blocks.read import Shard
from beam_jobs.examination import is_sampled, sample_share
from beam_jobs.report import write_report
from labels.examination import CLICK_RATE, EXPLORED, POSITION
from labels.tables import CLICKS, RANKER
from tests.beam_jobs.conftest import data_files, succeed, write_table

PLACES = 10
CURVE = 1 / (1 + 0.3 * np.arange(PLACES))


def sorted_log(*, jitter: float, exploring: float = 0.0) -> pa.Table:
    """Return a log of pages sorted by relevance; the column ``ranker`` is there where some are in random order."""
    rng = np.random.default_rng(2)
    queries, pages, images = 30, 120, PLACES + 5
    relevance = rng.uniform(0.02, 0.7, (queries, images))
    query = np.repeat(np.arange(queries), pages)
    random = rng.random(len(query)) < exploring
    score = relevance[query] + jitter * rng.standard_normal((len(query), images))
    score[random] = rng.random((int(random.sum()), images))
    shown = np.argsort(-score, axis=1, kind="stable")[:, :PLACES]
    clicked = rng.random(shown.shape) < relevance[query[:, None], shown] * CURVE
    start = int(datetime(2026, 3, 1, tzinfo=UTC).timestamp()) * 1_000_000
    times = np.repeat(start + rng.integers(0, 2 * 86_400, len(query)) * 1_000_000, PLACES)
    columns = [
        pa.array(times).cast(CLICKS.field("event_time").type),
        pa.array([f"u{user}" for user in rng.integers(0, 1500, len(query))]).take(_repeat(len(query))),
        pa.array([f"지도 {number}" for number in range(queries)]).take(pa.array(np.repeat(query, PLACES))),
        pa.array([f"{q}-{image}" for q, page in zip(query, shown, strict=True) for image in page]),
        pa.array(np.tile(np.arange(1, PLACES + 1, dtype=np.int32), len(query))),
        pa.array(clicked.ravel()),
        pa.nulls(clicked.size, pa.int32()),
    ]
    log = pa.table(columns, schema=CLICKS)
    if not exploring:
        return log
    names = pa.array(["production", "random-1"]).take(pa.array(np.repeat(random.astype(np.int64), PLACES)))
    return log.append_column(RANKER, names)


def _repeat(pages: int) -> pa.Array:
    return pa.array(np.repeat(np.arange(pages), PLACES))


def collection_of(log: pa.Table, path: Path) -> Path:
    ids = log["image_id"].unique()
    return write_table(pa.table({"image_id": ids, "uri": ids}), path)


def examination(output: Path) -> pl.DataFrame:
    return pl.DataFrame(manifest.read_table(str(output), "examination"))


def error(rates: pl.Series) -> float:
    found, truth = rates.to_numpy() / rates.mean(), CURVE / CURVE.mean()
    return float(np.abs(found / truth - 1).mean())


@pytest.fixture(scope="module")
def run(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a run of both jobs on a log whose ranker sorts by relevance, with a log and a collection beside them."""
    folder = tmp_path_factory.mktemp("run")
    log = sorted_log(jitter=0.2)
    write_table(log, folder / "log.parquet")
    collection = collection_of(log, folder / "collection.parquet")
    evidence = folder / "aggregate_clicks"
    succeed(aggregate_clicks.main, clicks=folder / "log.parquet", output=evidence)
    succeed(derive_labels.main, evidence=evidence, collection=collection, output=folder / "derive_labels")
    return folder


def test_looks_are_published_and_closer_than_the_click_rate(run: Path) -> None:
    found = examination(run / "derive_labels")
    assert found["position"].to_list() == list(range(1, PLACES + 1))
    assert set(found["model"]) == {POSITION}
    assert error(found["rate"]) < 0.06
    assert error(found["click_rate"]) > 0.12
    assert found["impressions"].to_list() == [30 * 120] * PLACES
    listed = manifest.require(str(run / "derive_labels"), "examination").tables["examination"]
    assert len(listed) == 1


def test_labels_compare_clicks_with_the_looks(run: Path) -> None:
    """What images were expected to be clicked is the rate of each place that showed them, not its click rate."""
    found = examination(run / "derive_labels")
    labels = pl.DataFrame(manifest.read_table(str(run / "derive_labels"), "labels"))
    rejected = pl.DataFrame(manifest.read_table(str(run / "derive_labels"), "rejected"))
    expected = pl.concat([frame.select("image_id", "expected_clicks") for frame in (labels, rejected)]).drop_nulls()
    log = pl.read_parquet(run / "log.parquet").join(found.select("position", "rate", "click_rate"), on="position")
    sums = log.group_by("image_id").agg(pl.col("rate", "click_rate").sum())
    both = expected.join(sums, on="image_id")
    assert len(both) > 100
    np.testing.assert_allclose(both["expected_clicks"], both["rate"], rtol=1e-3, atol=1e-3)
    assert np.abs(both["expected_clicks"] / both["click_rate"] - 1).mean() > 0.05


def test_partitions_and_workers_change_no_byte(run: Path, tmp_path: Path) -> None:
    flags = {"evidence": run / "aggregate_clicks", "collection": run / "collection.parquet"}
    succeed(derive_labels.main, **flags, output=tmp_path / "out", partitions=7, workers=2)
    rows = [examination(folder).to_dicts() for folder in (run / "derive_labels", tmp_path / "out")]
    assert rows[0] == rows[1]
    found = data_files(tmp_path / "out")
    assert [n for n in found if n.startswith("examination/")]


def test_the_report_draws_it(run: Path) -> None:
    write_report(run, collection=str(run / "collection.parquet"), records=(), output=run / "report.html")
    page = (run / "report.html").read_text(encoding="utf-8")
    found = examination(run / "derive_labels")
    assert "the same results seen at several positions (position-based model)" in page
    assert f"{found['gain'][0]:.5f} nats per click ({found['sigmas'][0]:.1f} standard errors" in page
    assert page.count("<polyline") == 2


def test_an_exploring_ranker_is_followed_and_its_bots_are_not(tmp_path: Path) -> None:
    log = sorted_log(jitter=0.0, exploring=0.25)
    robot = log.slice(0, 12_000)
    for name, values in (
        ("user_id", ["robot"] * 12_000),
        ("clicked", robot["position"].to_numpy() == PLACES),
        ("ranker", ["random-1"] * 12_000),
    ):
        place = log.column_names.index(name)
        robot = robot.set_column(place, log.schema.field(place), pa.array(values))
    both = pa.concat_tables([log, robot])
    write_table(both, tmp_path / "log.parquet")
    collection = collection_of(log, tmp_path / "collection.parquet")
    succeed(aggregate_clicks.main, clicks=tmp_path / "log.parquet", output=tmp_path / "evidence")
    kept = {name for name in manifest.require(str(tmp_path / "evidence")).tables if name.startswith("explored/")}
    assert kept == {"explored/date=2026-03-01", "explored/date=2026-03-02"}
    shown = sum(
        pl.DataFrame(manifest.read_table(str(tmp_path / "evidence"), name))["impressions"].sum() for name in kept
    )
    assert shown == pl.DataFrame(both)["ranker"].eq("random-1").sum()
    flags = {"evidence": tmp_path / "evidence", "collection": collection}
    succeed(derive_labels.main, **flags, output=tmp_path / "out")
    found = examination(tmp_path / "out")
    assert set(found["model"]) <= {EXPLORED, POSITION}
    assert error(found["rate"]) < 0.08
    assert error(found["click_rate"]) > 0.12


def test_fixed_results_leave_the_click_rate(tmp_path: Path) -> None:
    log = sorted_log(jitter=0.0)
    write_table(log, tmp_path / "log.parquet")
    collection = collection_of(log, tmp_path / "collection.parquet")
    succeed(derive_labels.main, clicks=tmp_path / "log.parquet", collection=collection, output=tmp_path / "out")
    found = examination(tmp_path / "out")
    assert set(found["model"]) == {CLICK_RATE}
    assert found["rate"].to_list() == found["click_rate"].to_list()


def test_a_ranker_that_is_no_text_is_none_of_ours(tmp_path: Path) -> None:
    log = sorted_log(jitter=0.2).slice(0, 3000)
    numbered = log.append_column("ranker", pa.array(np.arange(3000)))
    for name, table in (("plain", log), ("numbered", numbered)):
        write_table(table, tmp_path / f"{name}.parquet")
        succeed(aggregate_clicks.main, clicks=tmp_path / f"{name}.parquet", output=tmp_path / name)
    assert data_files(tmp_path / "numbered") == data_files(tmp_path / "plain")


def test_a_ranker_of_numbers_in_jsonl_costs_no_row(tmp_path: Path) -> None:
    log = sorted_log(jitter=0.2).slice(0, 3000)
    write_table(log, tmp_path / "plain.jsonl")
    write_table(log.append_column("ranker", pa.array([None, *range(2999)])), tmp_path / "numbered.jsonl")
    for name in ("plain", "numbered"):
        succeed(aggregate_clicks.main, clicks=tmp_path / f"{name}.jsonl", output=tmp_path / name)
    assert data_files(tmp_path / "numbered") == data_files(tmp_path / "plain")


@pytest.mark.parametrize("ending", ["csv", "jsonl"])
def test_rankers_of_text_files_are_read(tmp_path: Path, ending: str) -> None:
    log = sorted_log(jitter=0.2, exploring=0.25).slice(0, 3000)
    for kind in ("parquet", ending):
        write_table(log, tmp_path / f"log.{kind}")
        succeed(aggregate_clicks.main, clicks=tmp_path / f"log.{kind}", output=tmp_path / kind)
    found = data_files(tmp_path / ending)
    assert found == data_files(tmp_path / "parquet")
    assert [name for name in found if name.startswith("explored/date=")]


def test_a_sample_is_of_whole_queries_and_of_its_size() -> None:
    hashes = np.random.default_rng(0).integers(0, 1 << 63, 100_000).astype(np.uint64) * np.uint64(2)
    kept = is_sampled(hashes, 0.25)
    assert kept.mean() == pytest.approx(0.25, abs=0.01)
    assert (is_sampled(hashes[::-1], 0.25) == kept[::-1]).all()
    assert is_sampled(hashes, 1.0).all()
    shards = [Shard("impressions", f"{n}.parquet", "parquet", 0, 1, 1, 1_000) for n in range(10)]
    assert sample_share(shards, 2_500) == 0.25
    assert sample_share(shards[:1], 2_500) == sample_share(()) == 1.0
