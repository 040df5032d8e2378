"""Every SELECT and lock of booking, by noun, one named function each."""
