"""A desk as tools of the Model Context Protocol: for assistants that look something up. It only reads."""
