"""What is asked of Poe, or of the local Poe in its place, over plain HTTP.

``handles``      handles that a run makes up, and the file that remembers them
``guard``        the one door to the network: nothing passes about a handle that this package did not make up
``accounts``     one account behind that door
``asking``       what a question is, and what it is asked with
``questions``    the questions that the reference can't answer, one function each
``run``          all of these put together
``report``       the answers as a table, and as options of the local Poe
``environment``  what the person who runs `make test-live` has to say
"""
