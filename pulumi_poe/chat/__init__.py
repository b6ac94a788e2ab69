"""A conversation with a bot, as ``pulumi-poe chat`` has it. Knows no command line.

``partner``       which bot is meant, and how is it reached?
``controls``      what can be set, and what of it is asked for?
``values``        which value does a text stand for?
``images``        how does a picture go with a question?
``conversation``  what has been said, and what of it is sent again?
``wire``          how do the two APIs spell a question and its answer?
``calling``       how is Poe called, and what is said when that fails?
``talking``       how is one question asked, and how does its answer come?
``cost``          what does an answer cost?
``notes``         what does the local Poe say of an answer?
``curl``          how is the same asked without this command, and what went over the wire?
``showing``       what of an answer may a terminal get?
"""
