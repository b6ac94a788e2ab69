"""Conversations with the local Poe's bots: what a client asks is asked of the bot's own endpoint.

``door``           what does every conversation pass?
``api``            which paths are there, and what is asked by which?
``talking``        how does a question become an answer?
``asking``         what does the client ask?
``bots``           which bot is meant, and may it be called?
``declared``       what does a request use that the bot does not declare?
``translating``    what if the endpoint has the other API?
``as_response``    an endpoint of the Responses API, asked by Chat Completions: what is sent, and what comes back?
``as_chat``        an endpoint of Chat Completions, asked by the Responses API: what is sent, and what comes back?
``bodies``         what do both of them read of a body, and what do they refuse?
``rewriting``      what is sent to the endpoint?
``endpoint``       how is the endpoint called? The one module of the emulator that knows httpx
``events``         where does an event of a stream end, and what is in it?
``answering``      what does the client see of the answer?
``pricing``        what does an answer cost?
``conversations``  what was said, when, and at what cost?
``listing``        what is in the list of models?
``page/``          how are they looked at and talked to in a browser?
``refusal``        how is a request refused?
``words``          what may be shown of a text?

What Poe is known to do, and what is a choice of ours: (docs/poe-bots-api.md, 5.9). `pulumi_poe/chat/` has some of
these rules a second time, for `pulumi-poe chat`: the local Poe shares nothing with what is tried out on it.
"""
