"""A desk on a broker. `client`: the connection, what travels on it, a screen's link; `hub`: the endpoint of a hub."""
