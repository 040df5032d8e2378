"""Templates, channels and deliveries of messages to people; when to send is decided elsewhere."""
