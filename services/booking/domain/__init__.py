"""What booking knows without a database: pure rules, by noun."""
