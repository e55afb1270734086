"""`python -m totalize` is the command line."""

from totalize.cli.main import main

if __name__ == "__main__":
    raise SystemExit(main())
