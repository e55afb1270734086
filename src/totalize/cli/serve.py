"""Serve an installation: set it up when it is new, then run until told to stop."""

from __future__ import annotations

import argparse


def configure(parser: argparse.ArgumentParser) -> None:
    """Declare the options."""
    parser.add_argument("--host", default="127.0.0.1", help="address to listen on")
    parser.add_argument("--port", type=int, default=8000, help="0 takes any that is free")
    parser.add_argument(
        "--data-dir", metavar="DIR", help="database, keys, documents (default: totalize-data)"
    )
    parser.add_argument(
        "--demo", action="store_true", help="fill an empty installation with made-up people"
    )
    parser.epilog = (
        "No question is asked. DATABASE_URL=postgresql://... uses PostgreSQL. "
        "Settings are listed in docs/service/running.md. Ctrl+C or SIGTERM stops it."
    )


def run(options: argparse.Namespace) -> int:
    """Set up, then serve."""
    from totalize.kernel.errors import InputError
    from totalize.web.serving import setup, supervisor

    if not 0 <= options.port <= 65_535:
        raise InputError(
            "--port", "is no port", value=options.port, expected="a number from 0 to 65535"
        )
    address = supervisor.listen(options.host, options.port)
    port = address.getsockname()[1]
    installation = setup.load_settings(options.data_dir, options.host, port)
    setup.prepare()
    if options.demo:
        from totalize.web.serving.demo import fill

        fill()
    setup.say(f"totalize serves at {installation.address} (Ctrl+C stops it)")
    setup.say(f"data: {installation.data_dir}")
    if not setup.has_administrator():
        from totalize.web.accounts.first_administrator import link

        setup.say("Nobody administers this installation yet. Open this once, within a day:")
        setup.say(f"  {link()}")
    return supervisor.Supervisor(address).run()
