"""What the dynamic shell's providers share of the SDK's ways.

============  ====================================================================
module        what is in it
============  ====================================================================
``errors``    errors that the engine shows in one line
``values``    a resource's properties in the core's words, and back
``process``   what a plugin process knows of its run, and where its log goes
``lending``   how a provider that waits for long keeps nobody else waiting
============  ====================================================================

The providers themselves, :mod:`pulumi_poe.provider` and :mod:`pulumi_poe.endpoint_provider`, stand outside: where they
are is in every user's state.
"""
