"""What a Poe API bot is and what may happen to it. Knows neither Pulumi nor which shell calls it.

==================  =====================================================================
module              what is decided there
==================  =====================================================================
``model``           what a bot may say; when two values mean the same; what is sent
``trees``           merging, pruning and projecting nested dicts
``lifecycle``       create, read, update, delete, check and diff of one bot
``registry``        which handles this process has seen declared, and which are alive
``snapshot``        the account's list of bots, held once a process
``client``          the Bots REST API over HTTP
``pacing``          when the next request may be sent; how long an operation may take
``settings``        stack config, then environment, then default
``fingerprint``     which address and key a bot was last seen with
``redact``          takes secrets out of text that came from outside
``errors``          the tree of errors
==================  =====================================================================
"""
