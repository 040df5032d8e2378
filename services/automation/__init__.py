"""What happens when something has happened: rules, their runs and the to-do inbox."""
