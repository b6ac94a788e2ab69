"""Poe API bots as Pulumi resources.

Example::

    import pulumi_poe

    bot = pulumi_poe.Bot("reasoner", handle="Acme-Reasoner", api_bot_settings={...})

A name is loaded when it is first used: the ``pulumi-poe`` command and the plugin process need this package, but no
program and mostly not Pulumi, which takes a third of a second to load. Each name is written once, in the ``__all__`` of
the module that has it.
"""

from importlib import import_module
from typing import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
    from .program.account import *
    from .program.bot import *
    from .program.bot_family import *
    from .program.control_builders import *
    from .program.functions import *
    from .program.price_builders import *
    from .program.stack_handle import *
    from .program.types import *

_MODULES: Final = (
    "bot",
    "account",
    "types",
    "price_builders",
    "control_builders",
    "functions",
    "stack_handle",
    "bot_family",
)
"""Those above, in the order in which a name is looked for: what every program uses comes first."""

if not TYPE_CHECKING:  # a type checker would take every name for one that there is

    def __getattr__(name: str) -> Any:
        if name == "__all__":
            return sorted(public for module in _MODULES for public in _of(module).__all__)
        if not name.startswith("__"):  # such as Python itself asks for
            for module in map(_of, _MODULES):
                if name in module.__all__:
                    return globals().setdefault(name, getattr(module, name))
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")

    def _of(module: str) -> Any:
        return import_module(f".program.{module}", __name__)

    def __dir__() -> list[str]:
        return sorted({*globals(), *__getattr__("__all__")})
