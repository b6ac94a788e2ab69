"""How Poe is reached.

===============  ======================================================================
module           what is decided there
===============  ======================================================================
``settings``     stack config, then environment, then default
``fingerprint``  which address and key a bot was last seen with
``connection``   what all operations share to reach Poe: one client, and a budget for each
``client``       the Bots REST API over HTTP
``slim_httpx``   httpx, without a command line of its own
``pacing``       when the next request may be sent; how long an operation may take
``snapshot``     the account's list of bots, held once a process
``account``      a look at what an account holds
===============  ======================================================================
"""
