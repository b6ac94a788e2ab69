"""What may happen to a bot. Each module answers one question.

==============  ======================================================================
module          what is decided there
==============  ======================================================================
``operations``  what create, read, update and delete do, and when they are refused
``preview``     what is wrong with a declared bot before anything is written
``difference``  what a program changes about a recorded bot
``adoption``    whether a bot that exists may be taken over
``handover``    whether a bot is deleted with its entry, or is that of another resource
``proof``       whether it is the same Poe and account, and the bot really gone
``change``      what an operation writes: the leaves that its preview shows
``creating``    how a new bot is made, and settled when its answer is lost
``updating``    how a bot is changed, on a look at it of this moment
``record``      what a state records of a bot
``session``     what all operations in one account share
``registry``    what this run has seen of the program's bots, and whose turn it is
``journal``     what the processes of a run tell one another
==============  ======================================================================
"""
