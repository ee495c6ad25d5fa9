"""Which channels does a site have? Candidates, how they rank, and what a look at them says."""
