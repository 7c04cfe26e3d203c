"""Which images are the same: block means, hashes, candidates, verification, groups, the best copy."""
