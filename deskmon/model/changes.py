"""How the model's figures changed: what is held of each, and how they differ from another moment's."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from deskmon.model import Model
    from deskmon.model.differences import Difference, Tracked, Usuals
    from deskmon.model.figure_path import FigurePath
    from deskmon.model.figures import State
    from deskmon.model.histories import History


class Changes:
    """What `model.changes` tells. It imports what it calculates with when it is asked: few pages do."""

    def __init__(self, model: Model) -> None:
        self._model = model

    def history(self, figure: FigurePath, now: int, length: int) -> History | None:
        """What is held of a figure at desk time `now` (ms), as fine as changes over `length` (ms) want; None of one
        without a history."""
        from deskmon.model.histories import history

        return history(self._model, figure, now, length)

    def since(self, then: State, now: int, figures: Sequence[Tracked] | None, usuals: Usuals) -> list[Difference]:
        """How figures at desk time `now` (ms) differ from the state `then`, measured by `usuals`: those named as they
        come; without any named all that tell what moved, what moved most first."""
        from deskmon.model.differences import differences

        return differences(self._model, now, then, figures, usuals)
