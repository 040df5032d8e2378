"""Speed, measured beside the floor of the same run; ratios carry over, absolute figures do not."""
