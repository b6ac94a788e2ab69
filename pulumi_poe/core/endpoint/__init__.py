"""Whether an endpoint answers as Poe needs it to, and the wait until it does (docs/poe-bots-api.md, 2, 5).

Poe calls an endpoint as OpenAI's clients do, streams its answer to the user, and charges by the tokens that the
endpoint reports. So an endpoint that answers but reports no usage works, and Poe most likely charges nobody for it.

===============  =====================================================================
module           what is decided there
===============  =====================================================================
``model``        which properties a declared endpoint has, and of which types
``declared``     what is wrong with a declaration, and which change of it asks again
``operations``   one function for each of the engine's operations
``waiting``      how often the endpoint is asked, for how long, and what is told
``examining``    which checks there are, and in which order
``checks``       what each check asks, and what it makes of the answer
``wire``         the two formats in which Poe calls an endpoint
``asking``       one request, which always ends
``result``       what a check has found
===============  =====================================================================
"""
