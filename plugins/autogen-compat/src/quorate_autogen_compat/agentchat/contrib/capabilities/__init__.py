"""What can be added to an agent."""
