"""What every client of a broker needs: connection, addresses, wire format, presence; and the link of a screen."""
