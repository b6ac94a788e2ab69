"""What the package costs: in time, in requests to Poe and in bytes of state.

    python -m benchmarks [--quick] [--bots 1 10 60 100] [--latency 0 50] [--rounds 3] [--shells 5] [--markdown FILE]

==============  =====================================================================
module          what it measures
==============  =====================================================================
``operations``  processor and wall time of preview, up, no-op, update, refresh and
                destroy, in ratio to the tutorial's provider, and requests against limits
``imports``     what ``import pulumi_poe`` adds to a program
``chat``        what the local Poe adds to a conversation
``state``       the bytes in state that are not the user's
``native``      how soon the native plugin is there, and many bots in both shells
==============  =====================================================================

Each returns a :class:`benchmarks.report.Section`; to add a figure is to add a module and name it in
``__main__``. ``stacks`` of the tests' support drives the Pulumi CLI, so the checkout has to be whole.
"""

from __future__ import annotations

import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent

sys.path += [str(ROOT), str(ROOT / "tests" / "support")]
