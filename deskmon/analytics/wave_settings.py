"""What a configuration chooses of waves. Apart from what calculates them: a screen reads it before its first frame."""

# Annotations are evaluated here once: as texts, msgspec would compile each of them at every start.

from typing import Annotated

import msgspec
from msgspec import Meta


class Parameters(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """When liquidations are a wave; docs/metrics/waves-tuning.md says what each trades."""

    enter: Annotated[
        float, Meta(description="A burst begins where the robust z of half a minute is at least this.", gt=0, le=1_000)
    ] = 8.0
    leave: Annotated[
        float, Meta(description="A burst ends below this robust z; not above `enter`.", gt=0, le=1_000)
    ] = 3.0
    floor_share: Annotated[
        float, Meta(description="A burst must exceed this share of a calm day's liquidations.", ge=0, le=1)
    ] = 0.001
    floor_rare: Annotated[
        float,
        Meta(
            description="A burst must exceed so many times the size that a calm bucket exceeds once an hour.",
            ge=0,
            le=100,
        ),
    ] = 4.0
    least_usd: Annotated[
        float, Meta(description="A burst must exceed so many dollars in half a minute.", gt=0, le=1e12)
    ] = 200_000.0
    fewest_orders: Annotated[
        int, Meta(description="A burst has so many orders at least: one counts for at most its share.", ge=1, le=100)
    ] = 5
    gap_s: Annotated[int, Meta(description="Bursts closer than so many seconds are one wave.", ge=10, le=600)] = 120
    baseline_minutes: Annotated[
        int, Meta(description="Median and deviation are of so many minutes outside waves.", ge=10, le=360)
    ] = 60
    prior_usd: Annotated[
        float,
        Meta(
            description="Dollars that a calm day liquidates: the prior until four calm minutes were heard.",
            gt=0,
            le=1e12,
        ),
    ] = 200_000_000.0

    def __post_init__(self) -> None:
        if self.leave > self.enter:
            raise ValueError(f"leave ({self.leave:g}) is above enter ({self.enter:g}): a burst would end as it begins")
