"""Print a completion script for a shell, made from the commands' own options."""

from __future__ import annotations

import argparse

from totalize.cli.arguments import actions_of, commands_of

SHELLS = ("bash", "zsh", "fish")


def configure(parser: argparse.ArgumentParser) -> None:
    """Declare the options."""
    parser.add_argument("shell", choices=SHELLS, help="the shell to complete for")


def run(options: argparse.Namespace) -> int:
    """Print the script; `source <(totalize completion bash)` loads it."""
    write = {"bash": _bash, "zsh": _zsh, "fish": _fish}
    print(write[options.shell](_commands()))
    return 0


def _commands() -> dict[str, tuple[str, list[tuple[str, str]], list[str]]]:
    """Return for each command its summary, its options with their help, and its first words."""
    from totalize.cli.main import COMMANDS, build_parser

    found = {}
    for name, summary in COMMANDS.items():
        try:
            parser = build_parser(name)
        except ModuleNotFoundError:  # its extra is not installed
            continue
        flags: list[tuple[str, str]] = []
        words: list[str] = []
        for action in actions_of(commands_of(parser)[name]):
            if action.option_strings:
                flags.append((action.option_strings[-1], action.help or ""))
            elif action.choices:
                words.extend(str(choice) for choice in action.choices)
        found[name] = (summary, flags, [*words, *_named(name)])
    return found


def _named(command: str) -> list[str]:
    """Return the names that a command takes as its first word."""
    if command == "schema":
        from totalize.api import SCHEMAS

        return list(SCHEMAS)
    if command == "agreements":
        from totalize import api

        return sorted(api.law().countries())
    return []


_Commands = dict[str, tuple[str, list[tuple[str, str]], list[str]]]


def _bash(commands: _Commands) -> str:
    cases = "\n".join(
        f"    {name}) words='{' '.join([*(flag for flag, _ in flags), *words])}' ;;"
        for name, (_, flags, words) in commands.items()
    )
    return f"""_totalize() {{
  local current=${{COMP_WORDS[COMP_CWORD]}} words
  case ${{COMP_WORDS[1]}} in
{cases}
    *) words= ;;
  esac
  if [ "$COMP_CWORD" -eq 1 ]; then words='{" ".join(commands)}'; fi
  COMPREPLY=($(compgen -W "$words" -- "$current"))
}}
complete -o default -F _totalize totalize"""


def _zsh(commands: _Commands) -> str:
    listed = "\n".join(
        f"    '{name}:{_quoted(summary)}'" for name, (summary, _, _) in commands.items()
    )
    cases = "\n".join(
        f"    {name}) offers=({' '.join([*(flag for flag, _ in flags), *words])}) ;;"
        for name, (_, flags, words) in commands.items()
    )
    return f"""#compdef totalize
_totalize() {{
  local -a commands offers
  commands=(
{listed}
  )
  if (( CURRENT == 2 )); then
    _describe command commands
    return
  fi
  case $words[2] in
{cases}
  esac
  compadd -a offers
  _files
}}
compdef _totalize totalize"""


def _fish(commands: _Commands) -> str:
    lines = []
    for name, (summary, flags, words) in commands.items():
        lines.append(
            f"complete -c totalize -n __fish_use_subcommand -f -a {name} -d '{_quoted(summary)}'"
        )
        seen = f"-n '__fish_seen_subcommand_from {name}'"
        lines.extend(
            f"complete -c totalize {seen} -l {flag.removeprefix('--')} -d '{_quoted(text)}'"
            for flag, text in flags
            if flag.startswith("--")
        )
        if words:
            lines.append(f"complete -c totalize {seen} -a '{' '.join(words)}'")
    return "\n".join(lines)


def _quoted(text: str) -> str:
    return text.replace("\\", "\\\\").replace("'", r"'\''").replace("%%", "%")
