"""Markets as tables, for other programs: CSV, JSON Lines, Parquet, and folders of Parquet; and back to events.

pyarrow, the extra `deskmon[archive]`, is imported only where Parquet is written or read.
"""

from deskmon.archive.kinds import KINDS, kind_named
from deskmon.archive.tables import SCHEMA, Column, Table, event_table

__all__ = ["KINDS", "SCHEMA", "Column", "Table", "event_table", "kind_named"]
