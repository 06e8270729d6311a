"""`python -m swiftavatar_train.official_import`: the name by which the program calls official/checkpoints.py (swiftavatar models import)."""

import sys

from .official.checkpoints import main

if __name__ == "__main__":
    sys.exit(main())
