"""The native plugin, as the Pulumi CLI runs it from a checkout. ../docs/native.md says how."""

import sys

from pulumi_poe.native.serve import main

sys.exit(main())
