"""The page on which the bots of the local Poe are looked at and talked to.

``door``      who gets what of it?
``files``     what is it made of, and what may it do in a browser?
``token``     how does it show that it is the page of this start?
``facts``     what does it know of a bot?
``static/``   the page itself: plain HTML, CSS and JavaScript, each file with a first line that says what it does

What Poe and models write never becomes markup there: the page makes its elements one by one, and its policy has the
browser refuse any other way.
"""
