"""Writes a man page for each command into a folder: purser --experimental-dump-help | manual.py FOLDER"""

import itertools
import json
import pathlib
import sys


def escaped(text):
    """Text as roff takes it: no escapes, no requests, and hyphens that can be copied."""
    lines = text.replace("\\", "\\e").replace("-", "\\-").split("\n")
    return "\n".join("\\&" + line if line.startswith((".", "'")) else line for line in lines)


def paragraphs(discussion):
    """The discussion, with its indented lines as they are."""
    for paragraph in discussion.split("\n\n"):
        for is_indented, lines in itertools.groupby(paragraph.split("\n"), lambda line: line.startswith("  ")):
            text = escaped("\n".join(line.removeprefix("  ") for line in lines))
            yield f".RS 2\n.nf\n{text}\n.fi\n.RE" if is_indented else f".PP\n{text}"


def spelled(argument):
    """An argument as it is written: --limit <usd>, or <id>."""
    value = "<" + argument.get("valueName", "") + ">"
    if argument["kind"] == "positional":
        return value
    names = [("--" if name["kind"] == "long" else "-") + name["name"] for name in argument["names"]]
    return ", ".join(names) + (" " + value if argument["kind"] == "option" else "")


def synopsis(words, arguments, subcommands):
    parts = [" ".join(words)]
    for argument in arguments:
        text = spelled(argument) + ("..." if argument["isRepeating"] else "")
        parts.append("[" + text + "]" if argument["isOptional"] else text)
    return " ".join(parts + (["<command>"] if subcommands else []))


def described(argument):
    parts = [argument.get("abstract", "")]
    if argument.get("allValues"):
        parts.append("One of " + ", ".join(argument["allValues"]) + ".")
    if argument.get("defaultValue"):
        parts.append("Unless given: " + argument["defaultValue"] + ".")
    return ".TP\n" + escaped(spelled(argument)) + "\n" + escaped(" ".join(part for part in parts if part) or " ")


def page(command, parents):
    words = parents + [command["commandName"]]
    name = "-".join(words)
    arguments = [argument for argument in command.get("arguments", []) if argument["shouldDisplay"]]
    subcommands = shown(command)
    lines = [f'.TH "{name.upper()}" 1 "" "Purser" "Purser"', ".SH NAME"]
    lines += [escaped(name) + " \\- " + escaped(command.get("abstract", ""))]
    lines += [".SH SYNOPSIS", escaped(synopsis(words, arguments, subcommands))]
    if command.get("discussion"):
        lines += [".SH DESCRIPTION", *paragraphs(command["discussion"])]
    if arguments:
        lines += [".SH OPTIONS", *map(described, arguments)]
    if subcommands:
        lines += [".SH COMMANDS"]
        for subcommand in subcommands:
            lines += [".TP", escaped(name + "-" + subcommand["commandName"]) + "(1)", escaped(subcommand["abstract"])]
    if parents:
        lines += [".SH SEE ALSO", escaped("-".join(parents)) + "(1)"]
    return name, "\n".join(lines) + "\n"


def shown(command):
    return [
        subcommand
        for subcommand in command.get("subcommands", [])
        if subcommand["shouldDisplay"] and subcommand["commandName"] != "help"
    ]


def write(command, parents, folder):
    name, text = page(command, parents)
    (folder / f"{name}.1").write_text(text, encoding="utf-8")
    for subcommand in shown(command):
        write(subcommand, parents + [command["commandName"]], folder)


if __name__ == "__main__":
    folder = pathlib.Path(sys.argv[1])
    folder.mkdir(parents=True, exist_ok=True)
    for old in folder.glob("purser*.1"):
        old.unlink()
    write(json.load(sys.stdin.buffer)["command"], [], folder)
