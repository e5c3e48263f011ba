"""The shape of deskmon.toml, as structs: one source for validation, defaults, the JSON Schema and docs/config.md."""

# Annotations are evaluated here once: as texts, msgspec would compile each of them at every start.

from typing import Annotated, Any, Literal, get_args

import msgspec
from msgspec import Meta

from deskmon.alerts.settings import AlertsConfig, AlertTest, ScenarioSettings
from deskmon.analytics.level_settings import LevelSettings
from deskmon.analytics.wave_settings import Parameters as Waves
from deskmon.errors import UsageError
from deskmon.limits import Limits, parse_bytes
from deskmon.timeline import parse_duration
from deskmon.weekly import WeeklyTime, parse_weekly

VERSION = 1
"""Format of deskmon.toml."""

MOST_CELLS = 500
"""Far more panels than a terminal has room for."""

Word = Annotated[str, Meta(min_length=1)]
"""A name, an address or a path: never empty."""


class Section(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Base of every table."""


TICKER = (
    "metrics.fear_greed.value", "metrics.total_market_cap.value", "flows.BTC.day_usd", "metrics.us10y.value",
    "metrics.dxy.value", "metrics.ndx.value", "metrics.gold.value",
)  # fmt: skip
"""What surrounds the market, as market reports begin."""


class DeskConfig(Section, frozen=True):
    name: Annotated[str, Meta(description="Shown in the header.")] = "crypto desk"
    symbol: Annotated[Word, Meta(description="Asset linked at start.")] = "BTC"
    trader: Annotated[
        Annotated[str, Meta(min_length=1, max_length=64)] | None,
        Meta(description="Who signs notes and acknowledgements of this screen; the login where absent."),
    ] = None
    layout: Annotated[str, Meta(description="Layout shown at start.")] = "default"
    theme: Annotated[str, Meta(description="Name of a theme: `deskmon list themes`.")] = "dark"
    timezone: Annotated[
        str | None,
        Meta(description="Zone whose time stands beside UTC in the header: `Europe/Berlin`; UTC alone where absent."),
    ] = None
    colors: Annotated[
        Literal["auto", "truecolor", 256, 16, "none"],
        Meta(description="How many colours to use; auto: what the terminal's TERM, COLORTERM and NO_COLOR say."),
    ] = "auto"
    ascii: Annotated[
        bool | None,
        Meta(description="Whether to draw with ASCII alone; where absent, with what the locale's character set has."),
    ] = None
    ticker: Annotated[
        tuple[str, ...],
        Meta(
            description="Figures in the footer where it has room, the first first: paths as in docs/figures.md.",
            max_length=32,
        ),
    ] = TICKER
    fps: Annotated[float, Meta(description="Frames per second at most.", gt=0, le=30)] = 4.0
    max_kbps: Annotated[
        Annotated[float, Meta(gt=0)] | None,
        Meta(description="Budget for the terminal in kilobits per second; none where absent."),
    ] = None


class FeedConfig(Section, frozen=True):
    """`[feeds.LABEL]`: `type` names a feed plug-in (`deskmon list feeds`); the other keys are that feed's options."""

    type: Annotated[Word, Meta(description="Name of a feed plug-in.")]
    enabled: Annotated[bool, Meta(description="Whether the desk starts it.")] = True
    process: Annotated[
        Literal["auto", "own", "shared"],
        Meta(
            description="`own`: a process of its own, where what blocks delays no other feed; `shared`: the hub's; "
            "`auto`: `own` for a third party's feed; the desk's begins in the hub's and moves when that can't keep up."
        ),
    ] = "auto"
    options: dict[str, Any] = {}


class Cell(Section, frozen=True):
    """`[[layouts.NAME.cells]]`: one panel in the grid; rows and columns count from 0."""

    panel: Annotated[Word, Meta(description="Name of a panel: `deskmon list panels`.")]
    row: Annotated[int, Meta(description="First row of the grid.", ge=0)] = 0
    column: Annotated[int, Meta(description="First column of the grid.", ge=0)] = 0
    rows: Annotated[int, Meta(description="How many rows it spans.", ge=1)] = 1
    columns: Annotated[int, Meta(description="How many columns it spans.", ge=1)] = 1
    options: Annotated[dict[str, Any], Meta(description="Options of the panel.")] = {}
    pinned: Annotated[bool, Meta(description="Whether it stays as and where it is: traders can't change it.")] = False


class Layout(Section, frozen=True):
    """`[layouts.NAME]`: a grid whose rows and columns share the screen by weight."""

    rows: Annotated[tuple[float, ...], Meta(description="Weight of each row of the grid.")] = (1.0,)
    columns: Annotated[tuple[float, ...], Meta(description="Weight of each column of the grid.")] = (1.0,)
    cells: Annotated[tuple[Cell, ...], Meta(description="The panels.", max_length=MOST_CELLS)] = ()
    locked: Annotated[bool, Meta(description="Whether it stays as it is: traders can't change it.")] = False


class JournalConfig(Section, frozen=True):
    """What a live desk records: a rolling journal, from which it begins again, and a file where one is named."""

    enabled: Annotated[
        bool, Meta(description="Whether a live desk keeps a rolling journal and begins with what it holds.")
    ] = True
    folder: Annotated[
        Word | None, Meta(description="The rolling journal's; `journal` in the user's state folder where absent.")
    ] = None
    keep: Annotated[Word, Meta(description="How long the rolling journal keeps what arrived: `12h`, `7d`.")] = "7d"
    max_bytes: Annotated[Word, Meta(description="How much it may take on the disk: `500MB`, `5GB`.")] = "5GB"
    path: Annotated[
        Word | None,
        Meta(description="A file that the hub writes as well (.jsonl or .jsonl.zst), a new one at each start."),
    ] = None

    def __post_init__(self) -> None:
        try:
            parse_duration(self.keep)
            parse_bytes(self.max_bytes)
        except UsageError as fault:
            raise ValueError(str(fault)) from fault

    @property
    def limits(self) -> Limits:
        """How long and how much the rolling journal keeps."""
        return Limits(parse_duration(self.keep), parse_bytes(self.max_bytes))


class HistoryConfig(Section, frozen=True):
    """What a live desk remembers from run to run: open interest by the hour, settled funding, usual depth."""

    enabled: Annotated[bool, Meta(description="Whether the hub keeps a history and begins with it.")] = True
    path: Annotated[Word | None, Meta(description="Where; `history.db` in the user's data folder where absent.")] = None
    days: Annotated[int, Meta(description="Days that are kept.", ge=1, le=400)] = 120


class MqttConfig(Section, frozen=True):
    """A broker that carries the desk: [mqtt.md](mqtt.md)."""

    url: Annotated[
        Word | None, Meta(description="Where `deskmon hub` publishes without `--mqtt`: `mqtts://HOST[:PORT]/DESK`.")
    ] = None
    hub: Annotated[Word | None, Meta(description="This hub's name in topics; the machine's where absent.")] = None
    user: Annotated[Word | None, Meta(description="Who we are to the broker.")] = None
    password: Annotated[Word | None, Meta(description="`env:NAME` or `file:PATH`, never the password itself.")] = None
    ca: Annotated[Word | None, Meta(description="PEM file of who signed the broker's certificate.")] = None
    certificate: Annotated[Word | None, Meta(description="PEM file of the certificate that shows who we are.")] = None
    key: Annotated[Word | None, Meta(description="PEM file of its key, readable by its owner alone.")] = None


class HttpConfig(Section, frozen=True):
    """Whom `deskmon hub --http 127.0.0.1:8080` answers: [http.md](http.md)."""

    token: Annotated[
        Word | None,
        Meta(description="`env:NAME` or `file:PATH` of a token that everybody who asks must send, never the token."),
    ] = None
    hosts: Annotated[
        tuple[Word, ...], Meta(description="Names under which the server is asked for, such as a reverse proxy's.")
    ] = ()


ReportSection = Literal[
    "prices", "liquidations", "leverage", "depth", "options", "flows", "holders", "chain", "macro", "levels",
    "scenarios", "headlines", "coverage",
]  # fmt: skip
"""The sections of a report, in the order in which they stand."""


class ReportConfig(Section, frozen=True):
    """The week's report, which `deskmon report` makes."""

    sections: Annotated[
        tuple[ReportSection, ...],
        Meta(
            description="Its sections, in this order; all where there are none: "
            f"{', '.join(f'`{name}`' for name in get_args(ReportSection))}."
        ),
    ] = ()
    assets: Annotated[
        tuple[Word, ...], Meta(description="Its assets, in this order; the market's largest where there are none.")
    ] = ()
    schedule: Annotated[
        str | None,
        Meta(
            description="When a live hub makes it of its rolling journal: `friday 21:00 UTC`, `daily 07:30 UTC`; never "
            "where absent."
        ),
    ] = None
    folder: Annotated[
        Word | None, Meta(description="Where those go, as HTML; `reports` in the user's state folder where absent.")
    ] = None

    def __post_init__(self) -> None:
        if self.schedule is not None:
            parse_weekly(self.schedule)

    @property
    def times(self) -> WeeklyTime | None:
        """When it is made."""
        return None if self.schedule is None else parse_weekly(self.schedule)


class Plugins(Section, frozen=True):
    """Whose plug-in is used where several packages offer one of the same name: a package's name by the plug-in's."""

    panels: Annotated[dict[str, str], Meta(description='Panels: `prices = "acme"`.')] = {}
    feeds: Annotated[dict[str, str], Meta(description="Feeds.")] = {}
    themes: Annotated[dict[str, str], Meta(description="Themes.")] = {}


class ModelConfig(Section, frozen=True):
    """Conventions of the figures that a desk may choose."""

    depth_reference: Annotated[Literal["mid", "best"], Meta(description="What the depth bands are measured from.")] = (
        "mid"
    )
    depth_since: Annotated[
        str,
        Meta(
            description="Day, such as `2025-10-01`, that depth is compared with; the oldest one known where empty.",
            pattern=r"^(\d{4}-\d{2}-\d{2})?$",
        ),
    ] = ""
    big_trade_usd: Annotated[float, Meta(description="Trades from this size on appear on the tape.", gt=0)] = 100_000.0


class Config(Section, frozen=True):
    """deskmon.toml, whole."""

    version: Annotated[
        int,
        Meta(description="Format of this file; of a newer one, keys that nobody knows here are ignored.", ge=1),
    ] = VERSION
    extends: Annotated[Word | None, Meta(description="A shared deskmon.toml that this one is laid over.")] = None
    desk: DeskConfig = DeskConfig()
    model: ModelConfig = ModelConfig()
    waves: Waves = Waves()
    levels: LevelSettings = LevelSettings()
    journal: JournalConfig = JournalConfig()
    history: HistoryConfig = HistoryConfig()
    mqtt: MqttConfig = MqttConfig()
    http: HttpConfig = HttpConfig()
    report: ReportConfig = ReportConfig()
    alerts: AlertsConfig = AlertsConfig()
    plugins: Plugins = Plugins()
    feeds: Annotated[dict[str, FeedConfig], Meta(description="Feeds by label.")] = {}
    scenarios: Annotated[
        dict[str, dict[str, ScenarioSettings]], Meta(description="Paths of scenarios, by set and path.")
    ] = {}
    tests: Annotated[tuple[AlertTest, ...], Meta(description="Trial runs of rules.")] = ()
    layouts: Annotated[dict[str, Layout], Meta(description="Layouts by name.")] = {}
    keys: Annotated[dict[str, str], Meta(description="Key ids and the keys they are moved to.")] = {}
