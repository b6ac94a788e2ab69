"""What a Poe API bot is and what may happen to it. Knows neither Pulumi nor which shell calls it.

Four rooms, one over the other, and each knows only those below it:

=============  ======================================================================
room           what is decided there
=============  ======================================================================
``lifecycle``  what may happen to a bot
``poe``        how Poe is reached
``bot``        what a bot is
``values``     what values are
=============  ======================================================================

Beside them are ``errors``, the tree of errors, and ``machine``: the clock, sleep, locks, threads and processes.
"""
