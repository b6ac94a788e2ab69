"""Random histories of Poe, the engine and people, and what holds in all of them.

=================  ======================================================================
module             what is there
=================  ======================================================================
``histories``      what people do, as data; a history for each seed
``machine``        the clock, and who goes on: one thread at a time, by a seed
``poe``            the local Poe's rules without a socket, faults, hands on poe.com
``program``        a program as the engine sees it
``engine``         what Pulumi's engine does with a provider
``world``          a history as it happens
``people``         the way out: people who follow each error to the letter
``invariants``     what holds, by the names of docs/reliability.md
``exceptions``     what no provider can promise, counted
``shorter``        the shortest history with the same violation
``mutants``        faults put into the rules, each of which has to be found
``mutation``       runs them, in a copy of the package for each
``earlier``        the same histories against the package of an earlier commit
``first_faults``   what they find there, as short as it gets
``real``           the same histories on the real engine, beside the model
=================  ======================================================================

Seeds of its own and no hypothesis: its state machines draw each step through a choice sequence and a database, some 100
draws a history, and which thread goes on is one more each time. Here a history is data, made from its seed, and any
command can be left out of it: so it is made shorter, and the seed that is known to find a mutant finds it next year.
"""
