"""What verifying by sampling costs against recomputing everything, by formula and as played."""

import argparse
import sys
from dataclasses import replace

from fraction.verification.sampling import (
    DEFAULT,
    FULL,
    Sampling,
    catch_probability,
    cheapest,
    cheating_pays,
    colluding_profit,
    table,
)


def main(arguments: list[str]) -> None:
    """Print the table of settings, and of the default what each kind of cheating gains."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--games", type=int, default=2_000)
    games = parser.parse_args(arguments).games
    print(f"{'segments':>8} {'verifiers':>9} {'each':>5} {'cost':>8} {'P(1)':>7} {'P(20 %)':>8} {'cheating':>9}")
    for setting in [*_settings(), FULL]:
        _print(setting)
    print(f"\nThe default, {games} games a row; gains in costs of one training")
    for row in table(DEFAULT, games, "bench"):
        print("  ".join(f"{cell:>10}" for cell in row.cells()))
    print("\nA trainer that also holds a share of the verifiers' stake, best over all shares of falsified work")
    for share in (200_000, 330_000, 400_000, 500_000):
        best = max(colluding_profit(DEFAULT, m, share) for m in range(1, DEFAULT.segments + 1))
        print(f"  {share / 10_000:.0f} %: {best:+.3f}")


def _settings() -> list[Sampling]:
    return [cheapest(replace(DEFAULT, segments=n, verifiers=k)) for n in (60, 100, 128, 256, 512) for k in (1, 3, 5)]


def _print(setting: Sampling) -> None:
    fifth = -(-setting.segments // 5)
    numbers = f"{setting.segments:>8} {setting.verifiers:>9} {setting.each:>5} {setting.cost_ppm / 10_000:>6.1f} %"
    caught = f"{catch_probability(setting, 1):>7.3f} {catch_probability(setting, fifth):>8.4f}"
    print(numbers, caught, f"{'pays' if cheating_pays(setting) else 'loses':>9}")


if __name__ == "__main__":
    main(sys.argv[1:])
