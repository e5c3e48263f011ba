from __future__ import annotations
DemoTimeline=None
