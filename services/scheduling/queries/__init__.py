"""Every SELECT and lock of scheduling, one named function each."""
