"""What the reference does not know, asked of Poe: one test a question, which fails only where no answer makes sense."""

from __future__ import annotations

import pytest
from contract.asking import QUESTIONS, Asker, NotAskedError

pytestmark = pytest.mark.contract


@pytest.mark.parametrize("name", QUESTIONS)
def test_question(run: Asker, name: str) -> None:
    try:
        run.ask(name)
    except NotAskedError as reason:
        pytest.skip(str(reason))
