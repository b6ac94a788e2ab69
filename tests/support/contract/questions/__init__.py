"""Every question. They are asked in the order of these modules; the last one may use up Poe's limit."""

from . import (  # noqa: F401, I001 -- registers them, in this order
    account,
    creating,
    settings,
    controls,
    patching,
    putting,
    deleting,
    foreign,
    ending,
)
