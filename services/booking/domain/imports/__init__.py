"""Files of another system's orders and customers: states, columns, cells and rows; pure."""
