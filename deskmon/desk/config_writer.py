"""What a trader's keys may keep: pinned levels, layouts and options of panels, in the config file in use."""

from __future__ import annotations

from pathlib import Path

from deskmon.analytics.level_settings import Pinned
from deskmon.components.panel import Notify, Pin
from deskmon.components.text import JOINT
from deskmon.config.schema import Layout
from deskmon.errors import DeskError


class ConfigWriter:
    """Writes what is worth keeping, or says in words why it doesn't. Everything that a screen writes goes through it.

    path: the config file in use; None where nothing is kept, as in a test. refusal: why this desk keeps nothing.
    kiosk: whether strangers look on, who are to ask nothing of the hub and not to leave.
    attached: whether the hub is another's, who announces the levels of his own file only. market: why the market isn't
    that of the file's feeds, as that of a demo.
    """

    def __init__(
        self,
        path: Path | None = None,
        refusal: str = "",
        *,
        kiosk: bool = False,
        attached: bool = False,
        market: str = "",
    ) -> None:
        self._attached, self._market = attached, market
        self.kiosk = kiosk
        self.refusal = refusal
        self._path, self._refusal = path, refusal or ("" if path else "this desk has no file")

    def pin(self, pin: Pin) -> Notify:
        """Keep a level; what the desk says then."""
        if self._path is None or self._refusal or self._market:
            return Notify(f"pinned until the desk ends: {self._refusal or self._market}", "warn")
        from deskmon.config.pins import write_pin  # tomlkit takes a while to import, and few pin anything

        try:
            written = write_pin(self._path, Pinned(symbol=pin.symbol, price=pin.price, label=pin.label))
        except DeskError as fault:
            return Notify(f"pinned until the desk ends: {fault}", "warn")
        return Notify(f"pinned in {written}" + "; the hub doesn't know of it" * self._attached, "ok")

    def rule(self, when: str) -> Notify:
        """Keep a rule; what the desk says then."""
        if self._path is None or self._refusal:
            return Notify(f"no rule was written: {self._refusal}", "warn")
        from deskmon.alerts.hysteresis import cleared_by
        from deskmon.alerts.legs import parse_leg
        from deskmon.config.alert_rules import write_rule

        try:
            written, name = write_rule(self._path, when, cleared_by(parse_leg(when)))
        except DeskError as fault:
            return Notify(f"no rule was written: {fault}", "warn")
        return Notify(f"rule {name} in {written}{JOINT}it counts on every desk that reads this file", "ok")

    @property
    def fixed_market(self) -> str:
        """Why no asset and no venue can be added or taken away; "" where one can."""
        return self._refusal or self._market

    def market(self, name: str, *, take: bool) -> Notify:
        """Add an asset or a venue to the file's feeds, or `take` it away; what the desk says then."""
        if self._path is None or self.fixed_market:
            return Notify(f"not {'taken away' if take else 'added'}: {self.fixed_market}", "warn")
        from deskmon.config.feed_assets import write_market

        try:
            return Notify(write_market(self._path, name, take=take), "ok")
        except DeskError as fault:
            return Notify(str(fault), "warn")

    def layout(self, name: str, layout: Layout) -> Notify:
        """Keep a layout under its name; what the desk says then, in style `ok` where it is kept."""
        if self._path is None or self._refusal:
            return Notify(f"not saved: {self._refusal}", "warn")
        from deskmon.config.layouts import write_layout

        try:
            return Notify(f"layout {name} saved in {write_layout(self._path, name, layout)}", "ok")
        except DeskError as fault:
            return Notify(f"not saved: {fault}", "warn")
