"""Markets of the past, for commands and programs that read one without a hub: what arrived, and figures over time.

```python
market = PastMarket(config)
span = market.span(since="yesterday", until=None)
for event in market.events(span): ...
for moment in sample(market, [parse("prices.BTC.last")], span, every=MINUTE): ...
```
"""

from deskmon.past.market import PastMarket, Span
from deskmon.past.opening import journal_config, open_source
from deskmon.past.sampling import Sample, sample

__all__ = ["PastMarket", "Sample", "Span", "journal_config", "open_source", "sample"]
