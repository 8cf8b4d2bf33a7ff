import pytest

from tests.load import report, targets
from tests.load.results import FASTAPI, OURS, STOCK, Case, Results, rounded
from tests.load.slices import Slice
from tests.load.stats import percentile, ratio


def slice_of(rate: float, cpu: float = 2.0, refused: int = 0) -> Slice:
    return Slice(
        rate=rate,
        p50_ms=10.0,
        p99_ms=30.0,
        cpu={"gateway": cpu / 2, "mongod": cpu / 2},
        drained_s=0.1,
        others=0.0,
        refused={"409": refused} if refused else {},
    )


@pytest.fixture
def results() -> Results:
    found = Results()
    found.about = {"sizes": {"start": 0, "small": 1_000, "grown": 200_000}, "rounds": 3}
    found.about |= {"machine": "2 cores", "day": "2026-11-24"}
    found.rss_mb = {"start": {"gateway": 60.0}, "grown": {"gateway": 71.5}}
    found.lag = {"p50_ms": 41.0, "p99_ms": 300.0, "refused": 0}
    for mine, theirs in ((130.0, 100.0), (280.0, 200.0), (75.0, 50.0)):
        found.slices[Case("book", OURS, 32)].append(slice_of(mine, 1.0))
        found.slices[Case("book", FASTAPI, 32)].append(slice_of(theirs, 2.0))
    found.slices[Case("book", STOCK, 32)].append(slice_of(13.0))
    found.slices[Case("book", OURS, 32, "grown")].append(slice_of(117.0))
    return found


@pytest.mark.parametrize(
    ("percent", "value"), [(50, 50.0), (99, 99.0), (100, 100.0), (1, 1.0), (0, 1.0)]
)
def test_a_percentile_is_one_of_the_values(percent: float, value: float) -> None:
    assert percentile([float(n) for n in range(100, 0, -1)], percent) == value


def test_a_percentile_of_nothing_is_nothing() -> None:
    assert percentile([], 99) == 0


def test_a_ratio_compares_what_ran_in_the_same_round() -> None:
    assert ratio([10, 200, 30], [10, 100, 10]) == 2


def test_a_ratio_to_what_was_not_measured_is_nothing() -> None:
    assert ratio([10], []) == 0


def test_figures_come_from_the_rounds(results: Results) -> None:
    figures = results.figures()
    assert figures["ratio_bookings_c32"] == pytest.approx(1.4)
    assert figures["cpu_ratio_c32"] == pytest.approx(0.5)
    assert figures["ratio_stock_c32"] == pytest.approx(10)
    assert figures["growth_200k"] == pytest.approx(0.9)
    assert figures["rss_max_mb"] == 71.5
    assert figures["refused"] == 0


def test_a_refusal_is_counted(results: Results) -> None:
    results.slices[Case("one", OURS, 8)].append(slice_of(10.0, refused=3))
    assert results.figures()["refused"] == 3


def test_every_target_is_a_figure_of_the_result(results: Results) -> None:
    figures = results.figures()
    assert [target.figure for target in targets.TARGETS if target.figure not in figures] == []


def test_a_target_is_met_at_its_bound_and_missed_beyond_it() -> None:
    least, most = targets.Target("a", "a", least=1.3), targets.Target("b", "b", most=80)
    assert least.met(1.3)
    assert not least.met(1.29)
    assert most.met(80)
    assert not most.met(80.1)


def test_tables_have_a_cell_per_column(results: Results) -> None:
    figures = results.figures()
    assert {len(row) for row in report.rows(figures)} == {len(report.HEAD)}
    assert {len(row) for row in report.verdict_rows(figures)} == {4}


def test_the_readme_s_table_names_machine_and_targets(results: Results) -> None:
    text = report.markdown(results.figures())
    assert "2 cores" in text
    assert "| bookings/s over FastAPI, 32 at once | 1.4 | ≥ 1.3 | met |" in text


def test_figures_are_rounded_wherever_they_are() -> None:
    assert rounded({"a": [1.23456, {"b": 12345.6}], "c": 3, "d": "x"}) == {
        "a": [1.235, {"b": 12350.0}],
        "c": 3,
        "d": "x",
    }
