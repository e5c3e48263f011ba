"""Alerts on their way out of a hub: grouped, kept in an outbox until they are sent, tried again where a route fails."""
