"""What is said between services: event classes, their schemas, and the envelope they travel in."""
