"""Rules of pulumi_poe, each left out by one change of its source, and the promise that is broken then.

Not here is what no history can show, because another rule catches it: the thread's own lock of a turn (the turn among
processes is one of threads too), what is forgotten after a lost answer (no other operation of the run is on that bot),
and an entry of an own write that is left out altogether (the same).

Nor is what the histories of today show too seldom: the turns themselves, a create that failed and is not noted, a bot
that is kept and not noted as alive, a default that counts as drift, and an operation without an end.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from .invariants import ERRORS, FORGOTTEN, ONE, REQUESTS, SECRET, SHOWN, WAY_OUT

Edit = tuple[str, str, str]
"""A file of pulumi_poe, the source that is replaced, which is there just once, and the new one."""


@dataclass(frozen=True)
class Mutant:
    """The package with one rule left out.

    :param what: what it does then, as a sentence.
    :param found_by: the invariant that is violated.
    :param seed: of a history that violates it.
    :param edits: most rules stand in one place.
    :param shell: whose plugin the histories run.
    """

    what: str
    found_by: str
    seed: int
    edits: tuple[Edit, ...]
    shell: Literal["Dynamic", "Native"] = "Dynamic"


def _mutant(what: str, found_by: str, seed: int, *edits: Edit) -> Mutant:
    return Mutant(what, found_by, seed, edits)


def _native(what: str, found_by: str, seed: int, *edits: Edit) -> Mutant:
    return Mutant(what, found_by, seed, edits, "Native")


_OPERATIONS, _UPDATING, _CHANGE, _PROOF = (
    f"core/lifecycle/{name}.py" for name in ("operations", "updating", "change", "proof")
)
_PREVIEW, _DIFFERENCE, _CREATING, _ADOPTION, _HANDOVER, _SESSION, _RECORD, _REGISTRY = (
    f"core/lifecycle/{name}.py"
    for name in ("preview", "difference", "creating", "adoption", "handover", "session", "record", "registry")
)
_CLIENT, _PACING = "core/poe/client.py", "core/poe/pacing.py"
_HANDLES, _COMPARING, _DRIFT = "core/bot/handles.py", "core/bot/comparing.py", "core/bot/drift.py"

_IS_OTHER = "        if declares is not None and has_it is not None and declares.name != has_it:\n"
_AT_THIS_ADDRESS = "            if not self._session.proof.is_at_this_address(handle, before):\n"

MUTANTS = (
    # --- what is known of the account's bots --------------------------------------------------------
    _mutant(
        "after an own write the list is asked for again",
        REQUESTS,
        60,
        (
            _SESSION,
            "self.snapshot.enter(handle, without(overlay(sent, under), [API_KEY]))",
            "self.snapshot.forget()",
        ),
    ),
    _mutant(
        "an own delete is not remembered",
        WAY_OUT,
        457,
        (
            _OPERATIONS,
            "                self._session.snapshot.remove(handle)\n"
            "                self._registry.mark(handle, Mark.DELETED)\n",
            "",
        ),
    ),
    _mutant(
        "a list that is older than a bot's end is believed",
        WAY_OUT,
        1106,
        (_PROOF, "self._snapshot.forget()  # the list may be older than the bot's end", "pass"),
    ),
    _mutant(
        "each operation lists the bots anew", REQUESTS, 0, ("core/poe/snapshot.py", "MAX_AGE = 10.0", "MAX_AGE = -1.0")
    ),
    _mutant("a look may be of any age", SHOWN, 619, ("core/poe/snapshot.py", "MAX_AGE = 10.0", "MAX_AGE = 1000.0")),
    # --- what the run has seen ----------------------------------------------------------------------
    _mutant(
        "a bot that is replaced under its own handle stays alive",
        FORGOTTEN,
        58,
        (_PREVIEW, "        self._registry.unmark(handle, Mark.ALIVE)\n", ""),
    ),
    _mutant(
        "a bot that was created is not noted as alive",
        FORGOTTEN,
        16,
        (
            _OPERATIONS,
            "                self._registry.keep_alive(handle)\n                return Created(",
            "                return Created(",
        ),
    ),
    _mutant(
        "a bot is deleted although it is alive",
        FORGOTTEN,
        16,
        (_HANDOVER, "        if self._registry.has(handle, Mark.ALIVE):", "        if False:"),
    ),
    _mutant(
        "two resources may declare one handle",
        ONE,
        1345,
        (
            _PREVIEW,
            "holder = self._registry.claim(named, resource, self._session.proof.of_the_key_in_use)",
            "self._registry.claim(named, resource, self._session.proof.of_the_key_in_use)",
        ),
    ),
    _mutant(
        "a bot is deleted although another resource adopts it",
        FORGOTTEN,
        14,
        (_HANDOVER, "        if adopter is None:\n", "        if True:\n"),
        (_HANDOVER, _IS_OTHER, "        if False:\n"),
    ),
    _mutant(
        "nobody looks for the resource that adopts a bot",
        WAY_OUT,
        9,
        (
            _HANDOVER,
            "adopter = self._wait_for_the_adopter(handle, owner)",
            "adopter = None",
        ),
    ),
    _mutant(
        "a bot is left to a resource of another account",
        FORGOTTEN,
        14,
        (_HANDOVER, "if account is None or not self._session.proof.is_of_the_key_in_use(account):", "if False:"),
    ),
    _mutant(
        "a bot is deleted although another resource declares it",
        FORGOTTEN,
        36,
        (_HANDOVER, _IS_OTHER, "        if False:\n"),
    ),
    # --- a new bot ----------------------------------------------------------------------------------
    _mutant(
        "nobody looks whether the bot is there before it is created",
        ONE,
        1,
        (
            _OPERATIONS,
            "        existing = self._session.snapshot.bot(handle)\n        budget",
            "        existing = None\n        budget",
        ),
        (_CREATING, "is_there = session.snapshot.bot(handle) is not None", "is_there = False"),
    ),
    _mutant(
        "nobody looks again when a create has waited",
        ONE,
        1,
        (_CREATING, "is_there = session.snapshot.bot(handle) is not None", "is_there = False"),
    ),
    _mutant(
        "a create whose answer was lost is sent again unseen",
        ONE,
        240,
        (_CLIENT, ' and not (method == "POST" and error.lost)\n', "\n"),
    ),
    _mutant(
        "a create whose answer was lost is taken for failed",
        FORGOTTEN,
        240,
        (_CREATING, "    if drift.holds(found, declared):\n        return True\n", ""),
    ),
    _mutant(
        "a bot that exists is taken over without permission",
        SHOWN,
        3,
        (
            _ADOPTION,
            "    if not session.registry.has(handle, Mark.ADOPTING):\n        raise BotExistsError",
            "    if False:\n        raise BotExistsError",
        ),
    ),
    _mutant(
        "a bot that is no API bot is taken over",
        SHOWN,
        1,
        (_ADOPTION, "if not is_api_bot(existing) and not", "if False and not"),
    ),
    # --- a bot that is there ------------------------------------------------------------------------
    _mutant(
        "a PATCH has all that is declared",
        SHOWN,
        118,
        (
            _CHANGE,
            'if path != ("handle",) and not (path in before and comparing.same(path, value, before[path]))',
            'if path != ("handle",)',
        ),
    ),
    _mutant(
        "an object that Poe may replace whole is not completed",
        SHOWN,
        75,
        (
            _CHANGE,
            "objects = tree_of({whole: self._completed(whole, bot) for whole in self._objects()})",
            "objects: dict[str, Any] = {}",
        ),
    ),
    _mutant(
        "the endpoint's key is always sent",
        SHOWN,
        118,
        (
            _CHANGE,
            "return overlay(tree_of(self.written), objects)",
            "key = at(self.declared, API_KEY)\n"
            "        return overlay(tree_of({**self.written, **({} if key is None else {API_KEY: key})}), objects)",
        ),
    ),
    _mutant(
        "a change does not look at the bot again when it has waited",
        SHOWN,
        619,
        (_UPDATING, "due, before = self._due(handle, change, budget)\n            if", "due = write\n            if"),
    ),
    _mutant(
        "a bot is sent whole without the endpoint's key",
        SHOWN,
        10,
        (
            _UPDATING,
            "        if at(change.declared, API_KEY) is None:\n            raise RefusedError(",
            "        if False:\n            raise RefusedError(",
        ),
    ),
    _mutant(
        "what was taken out of the program stays on Poe",
        SHOWN,
        6,
        (_CHANGE, "return [path for path in self._no_longer_declared if path not in DEFAULTS]", "return []"),
    ),
    _mutant(
        "what was taken out of the program does not go back to its default",
        SHOWN,
        1,
        (
            _CHANGE,
            "return {**changed, **{path: DEFAULTS[path] for path in self._no_longer_declared if path in DEFAULTS}}",
            "return changed",
        ),
    ),
    _mutant(
        "another spelling of a handle is another bot",
        SHOWN,
        329,
        (
            _DIFFERENCE,
            "replaces = isinstance(wanted, str) and not same_handle(handle, wanted)",
            "replaces = isinstance(wanted, str) and handle != wanted",
        ),
    ),
    _mutant(
        "handles are compared with their case",
        ONE,
        4,
        (_HANDLES, 're.sub(r"[-_.]", "", handle).lower()', 're.sub(r"[-_.]", "", handle)'),
    ),
    # --- gone, and elsewhere ------------------------------------------------------------------------
    _mutant(
        "a 404 for another key counts as gone",
        FORGOTTEN,
        24,
        (_PROOF, "if not self._was_in_this_account(handle, recorded.get(FINGERPRINT)):", "if False:"),
    ),
    _mutant(
        "a 403 counts as gone",
        FORGOTTEN,
        45,
        (
            _PROOF,
            'raise NotProvenGoneError(error.problem, f"{error.advice} {self._way_out(handle)}") from error',
            "return",
        ),
    ),
    _mutant(
        "a bot that the list holds counts as gone",
        FORGOTTEN,
        538,
        (
            _PROOF,
            "        if self._snapshot.listed(handle) is not None:\n            self._snapshot.forget()",
            "        if False:\n            self._snapshot.forget()",
        ),
    ),
    _mutant(
        "a delete does not look at the address",
        FORGOTTEN,
        83,
        (_OPERATIONS, f"{_AT_THIS_ADDRESS}                return\n", ""),
    ),
    _mutant(
        "a read does not look at the address",
        FORGOTTEN,
        1094,
        (_OPERATIONS, f"{_AT_THIS_ADDRESS}                return None\n", ""),
    ),
    _mutant(
        "a change does not look at the address",
        WAY_OUT,
        751,
        (_OPERATIONS, f"{_AT_THIS_ADDRESS}                return self.create(declared).record\n", ""),
        (
            _DIFFERENCE,
            "    if difference.changed or moves:\n        session.proof.is_at_this_address(handle, recorded)\n",
            "",
        ),
    ),
    _mutant(
        "a read does not renew the fingerprint",
        WAY_OUT,
        84,
        (
            _OPERATIONS,
            "recorded(self._session, on_poe, before, last=before.get(FINGERPRINT))",
            "recorded(self._session, on_poe, before, unseen=True)",
        ),
    ),
    _mutant(
        "a preview does not look whether the account of the key has the bot",
        WAY_OUT,
        432,
        (
            _DIFFERENCE,
            "        session.proof.require_the_account_of(handle, recorded, session.list_for_preview)\n",
            "        pass\n",
        ),
    ),
    # --- what the state has -------------------------------------------------------------------------
    _mutant(
        "a read records all that Poe has",
        WAY_OUT,
        0,
        (
            _OPERATIONS,
            "on_poe = drift.projected(properties(before), found)",
            "on_poe = properties(found)",
        ),
    ),
    _mutant("prices are compared as text", WAY_OUT, 12, (_COMPARING, "price = as_decimal(value)\n", "price = None\n")),
    _mutant(
        "a field of extra that Poe does not show counts as drift",
        WAY_OUT,
        2,
        (
            _DRIFT,
            "_projected(extra, answered, (), absent_is_same=True)",
            "_projected(extra, answered, ())",
        ),
    ),
    # --- secrets and errors -------------------------------------------------------------------------
    _mutant(
        "the endpoint's key is no secret of the inputs",
        SECRET,
        0,
        ("provider.py", "**to_engine(checked.inputs)}", "**checked.inputs}"),
    ),
    _mutant(
        "the endpoint's key is no secret of what is recorded",
        SECRET,
        0,
        (
            "provider.py",
            "CreateResult(created.id, to_engine(created.record))",
            "CreateResult(created.id, created.record)",
        ),
    ),
    _mutant(
        "what a write sends is not hidden in an error",
        SECRET,
        1577,
        (_CLIENT, "self._hidden.update(value for value in values if isinstance(value, str))", "pass"),
    ),
    _mutant(
        "Poe's own words are repeated as they are",
        SECRET,
        7,
        (_CLIENT, "return redact(text, list(self._hidden))", "return text"),
    ),
    _mutant(
        "a secret that is encoded is not recognised",
        SECRET,
        491,
        (
            "core/values/redact.py",
            "    yield json.dumps(secret)[1:-1]\n",
            "    return\n    yield json.dumps(secret)[1:-1]\n",
        ),
    ),
    _mutant(
        "an error has as many lines as Poe's words",
        ERRORS,
        7,
        ("core/values/text.py", 'return printable(" ".join(text.split()))', "return text"),
    ),
    _mutant(
        "an error does not name the bot",
        ERRORS,
        1,
        ("core/errors.py", "raise error.while_doing(action) from error", "raise"),
    ),
    # --- requests and time --------------------------------------------------------------------------
    _mutant(
        "a request is sent as often as there is time",
        REQUESTS,
        330,
        (_PACING, "state.attempt_number >= budget.attempts or", ""),
    ),
    _mutant(
        "nobody waits for as long as Poe asks",
        REQUESTS,
        1,
        (_CLIENT, "self._pacer.slow_down(_told_wait(answer.headers))", "pass"),
    ),
    # --- the native plugin --------------------------------------------------------------------------
    _native(
        "a bot is deleted before the one that replaces it is there",
        FORGOTTEN,
        1112,
        (_HANDOVER, "            self._require_that_the_new_one_is_there(handle)\n", ""),
    ),
    _native(
        "what the core takes for a secret is none to the engine",
        SECRET,
        0,
        ("native/values.py", "to_pulumi(with_secrets(bag, secret))", "to_pulumi(bag)"),
    ),
)
