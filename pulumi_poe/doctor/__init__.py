"""Whether an endpoint answers as Poe needs it to: what ``pulumi-poe doctor`` asks."""
