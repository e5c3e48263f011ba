"""A monitor whose clock, and whose time, are moved by hand."""

from deskmon.clock import ManualClock
from deskmon.events import Gap
from deskmon.feedkit import FeedContext
from deskmon.feeds.ccxt.channels import CHANNELS
from deskmon.feeds.ccxt.monitor import Monitor
from deskmon.feeds.ccxt.resubscribe import Subscription

NOW = 1_790_000_000_000
URL, OTHER = "wss://venue/one", "wss://venue/two"


class Stepped:
    """One feed with all channels, on no venue."""

    def __init__(self):
        self.clock = ManualClock(NOW)
        self.seconds = 0.0
        self.events, self.said = [], []
        context = FeedContext(
            emit=self.events.append,
            status=lambda state, detail, channels=None: self.said.append((state, detail, channels)),
            reject=lambda raw, reason: None,
            reconnected=lambda: None,
            clock=self.clock,
        )
        self.monitor = Monitor("test", "venue", context, CHANNELS, lambda: self.seconds)

    def subscribe(self, *channels, symbols=(), url=URL, connect=True):
        subscription = Subscription(channels)
        self.monitor.asked(subscription, url, symbols)
        if connect:
            self.monitor.connected(url)
        return subscription

    def wait(self, ms):
        """So much time passes, and nothing else."""
        self.clock.advance(ms)
        self.seconds += ms / 1000

    def second(self, late=0):
        """The next tick, `late` ms after its time."""
        self.wait(1_000 + late)
        self.monitor.tick()

    def run(self, seconds, *heard, late=0):
        """Seconds in each of which these (channel, symbol, url) are heard ten times; (second, lines that are due)."""
        due = []
        for number in range(seconds):
            for _ in range(10):
                self.wait(100)
                for line in heard:
                    self.monitor.heard(*line)
            self.wait(late)
            self.monitor.tick()
            due += [(number + 1, line.channel, line.symbol) for _, line in self.monitor.due()]
        return due

    def gaps(self):
        return [(gap.channel, gap.since - NOW, gap.until - NOW) for gap in self.events if type(gap) is Gap]

    @property
    def detail(self):
        self.monitor.report()
        return self.said[-1][1]
