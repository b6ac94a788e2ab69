"""What a program declares bots with. Knows Pulumi, and never HTTP.

====================  ===================================================================
module                what it holds
====================  ===================================================================
``bot``               the resource
``bot_family``        one model as several bots
``account``           the Provider, and which account a bot or a function gets
``functions``         looks at the account's bots
``types``             the nested arguments of a bot, as dicts that an editor completes
``price_builders``    prices per million tokens, and tiers
``control_builders``  controls and their param definitions, in one line each
``stack_handle``      a handle for each stack
``arguments``         what a program may pass as a bot's arguments
``mocked``            the account of a program that is tested with Pulumi's mocks
====================  ===================================================================
"""
