"""Six faults of the first release, each with the shortest history that shows it, and how it was found.

Random histories found them by themselves at a6e53c5: ``make simulate-earlier`` does so again, with the seeds of today's
histories. Here is what they came down to, for the fast tests, whatever the seeds make of later.

=====  =====================================================================  ====  ==============================
fault  what went wrong                                                        seed  the promise that was broken
=====  =====================================================================  ====  ==============================
A      at another address, a renamed resource made the stack forget its bot   1121  nothing is forgotten
B      a bot that one resource left by delete_before_replace, and another       14  nothing is forgotten
       took over in the same run, was deleted
C      after a rotation of the Poe key, a bot was deleted to be replaced,      990  nothing is forgotten
       and its replacement refused
D      a bot without api_bot_settings that no state had, as after a create    1375  there is a way out
       that got no answer, could never be taken over
E      a bot that vanished while it was taken over ended in a bare 404           9  every error is one line (...)
F      minutes between look and write: a POST went over a bot made by hand       1  one handle, one bot, one entry
=====  =====================================================================  ====  ==============================
"""

from __future__ import annotations

from . import invariants
from .histories import ELSEWHERE, ENDPOINT_KEYS, Change, Declare, Hand, History, Rename, Rotate, Run, Use
from .poe import Fault

_MODEL = ("api_bot_settings", "model_name")
_BOT = ((("api_bot_settings", "api_key"), ENDPOINT_KEYS[0]), (_MODEL, "model-1"))
_UP = Run("up")

FAULTS: dict[str, tuple[History, str]] = {
    "A": (
        History((Declare("a", "Four", _BOT), _UP, Use(address=ELSEWHERE), Rename("a", "b", adopt=True), _UP)),
        invariants.FORGOTTEN,
    ),
    "B": (
        History(
            (
                Declare("b", "Four", _BOT, (("deleted_first", True),)),
                _UP,
                Change("b", ("handle",), "Two"),
                Declare("a", "four", _BOT, (("adopt", True),)),
                Run("up", seed=1),
            )
        ),
        invariants.FORGOTTEN,
    ),
    "C": (
        History(
            (
                Declare("a", "Four", _BOT, (("deleted_first", True),)),
                _UP,
                Rotate(),
                Change("a", ("handle",), "Two"),
                _UP,
            )
        ),
        invariants.FORGOTTEN,
    ),
    "D": (
        History(
            (
                Declare("a", "Four", ((("description",), "first"),)),
                Run("up", faults=(Fault("drop-after", method="POST"), Fault("500", at=1, times=100, method="GET"))),
            )
        ),
        invariants.WAY_OUT,
    ),
    "E": (
        History(
            (
                Declare("a", "Four", _BOT, (("adopt", True),)),
                Hand("create", "Four", path=_MODEL, value="model-1"),
                Run("up", hand=(0, "after", Hand("delete", "Four"))),
            )
        ),
        invariants.ERRORS,
    ),
    "F": (
        History(
            (
                Declare("a", "Four", _BOT),
                Run(
                    "up",
                    faults=(Fault("429-told", method="POST"),),
                    hand=(1, "before", Hand("create", "Four", path=_MODEL, value="model-2")),
                ),
            )
        ),
        invariants.ONE,
    ),
}
