"""What is counted of a part, by class, and how it adds up."""
