"""`python -m deskmon`, the same as the `deskmon` command."""

import sys

from deskmon.cli import main

if __name__ == "__main__":
    sys.exit(main())
