"""What a bot is.

=============  ======================================================================
module         what is decided there
=============  ======================================================================
``fields``     names of properties, defaults, secrets, and what is sent
``handles``    when two handles are the same; where the page of a bot is
``prices``     which prices can be written out exactly
``model``      the shape of a bot: names and types
``shape``      how a value is checked against the model
``rules/``     what can't be right although every type is
``checks``     all mistakes of a declared bot, in plain words
``mistake``    one mistake in a declared bot
``comparing``  when two values mean the same; what two programs differ in
``drift``      what Poe has of that which is declared
``declaring``  what a program would declare of a bot that exists
=============  ======================================================================
"""
