"""What a Poe API bot is and what may happen to it. Knows neither Pulumi nor which shell calls it.

==================  =====================================================================
module              what is decided there
==================  =====================================================================
``lifecycle``       create, read, update, delete, check and diff of one bot
``change``          what an operation writes: the leaves that its preview shows
``writing``         how a write is made: on a look at the bot of this moment, and settled
``proof``           whether it is the same Poe, account and bot, and whether it is gone
``registry``        which handles this run has seen declared, and which are alive
``journal``         what the processes of a run tell one another
``account``         a look at what an account holds
``existing``        what a program would declare of a bot that exists
``snapshot``        the account's list of bots, held once a process
``checks``          all faults of a declared bot, in plain words
``model``           the shape of a bot: names and types
``rules``           what can't be right although every type is
``prices``          which prices can be written out exactly
``handles``         when two handles are the same
``meaning``         what is sent; when two values mean the same; what has drifted
``trees``           merging, pruning and walking nested dicts
``connection``      what all operations share to reach Poe: one client, and a budget for each
``client``          the Bots REST API over HTTP
``endpoints``       whether an endpoint answers as Poe needs it to
``pacing``          when the next request may be sent; how long an operation may take
``machine``         the clock, sleep, locks, threads and processes
``settings``        stack config, then environment, then default
``addresses``       what can be told of an address without asking the network
``fingerprint``     which address and key a bot was last seen with
``redact``          takes secrets out of text that came from outside
``text``            what of a text can be shown, and on one line
``fault``           one mistake in a declared bot
``errors``          the tree of errors
``unknown``         the mark of a value that is not known yet
==================  =====================================================================
"""
