"""What panels are built of: the base of panels, tables and their columns, and what several panels show of one subject,
so that the same figure looks the same everywhere."""
