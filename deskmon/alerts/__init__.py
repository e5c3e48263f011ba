"""Rules and scenarios: conditions over the figures of the state, judged at each second of the desk clock."""
