"""What values are, whatever they are values of.

===========  ======================================================================
module       what is decided there
===========  ======================================================================
``trees``    merging, pruning and walking nested dicts
``unknown``  the mark of a value that is not known yet
``numbers``  which numbers are whole
``text``     what of a text can be shown, and on one line; what is like it
``redact``   takes secrets out of text that came from outside
``urls``     what can be told of an address without asking the network
===========  ======================================================================
"""
