"""The language of forms: what a definition may say, and what it says about given answers; pure."""
