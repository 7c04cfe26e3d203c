"""What the search index receives."""
