"""What AutoGen 0.2 kept beside its agents."""
