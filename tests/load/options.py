"""What the environment asks of a run."""

from collections.abc import Mapping
from dataclasses import dataclass

CONCURRENCIES = (1, 8, 32)


@dataclass(frozen=True, slots=True, kw_only=True)
class Options:
    """``seconds`` a slice, ``rounds`` of each, ``grown`` appointments after growth."""

    seconds: float
    rounds: int
    small: int
    grown: int
    quiet_seconds: float
    profile: bool
    quick: bool


def read(environment: Mapping[str, str]) -> Options:
    """Return the options; exits naming a figure that is none."""
    quick = environment.get("BENCH_QUICK", "") not in {"", "0"}
    try:
        return Options(
            seconds=float(environment.get("BENCH_SECONDS", "1.5" if quick else "3")),
            rounds=int(environment.get("BENCH_ROUNDS", "1" if quick else "3")),
            small=1_000,
            grown=int(environment.get("BENCH_GROWN", "20000" if quick else "200000")),
            quiet_seconds=1.5 if quick else 3.0,
            profile=environment.get("BENCH_PROFILE", "") not in {"", "0"},
            quick=quick,
        )
    except ValueError as error:
        raise SystemExit(
            f"BENCH_SECONDS, BENCH_ROUNDS and BENCH_GROWN are figures: {error}"
        ) from error
