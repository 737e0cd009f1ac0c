"""Lists the lines that rustfmt leaves as they are: where a line cannot be broken to fit, as with a long string, it gives up on the whole
expression around it and says nothing. Here each line is indented by one more space, and one is put behind each opening bracket; what
rustfmt does not undo, it does not format.

Left out is what it never formats: attributes, macros with braces, and within the brackets of others what is no list of expressions.
"""

import difflib
import re
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor

TOKEN = re.compile(
    r"""
      (?P<text> //[^\n]* | /\*.*?\*/ | [bc]?r(?P<hashes>\#*)".*?"(?P=hashes) | [bc]?"(?:\\.|[^"\\])*" | b?'(?:\\[^\n]+?|[^\\'\n])' )
    | (?P<kept> \#!?\[ | \b[a-z_]\w*!\s*(?:\w+\s*)?\{ )
    | (?P<macro> \b[a-z_]\w*!\s*[(\[] )
    | (?P<plain> [(\[{] )
    | (?P<close> [)\]}] )
    | (?P<line> \n\ * (?! \n | $) )
    """,
    re.VERBOSE | re.DOTALL,
)


def disturbed(source):
    """The source with spaces that rustfmt takes away again wherever it formats."""
    brackets = []

    def token(match):
        kind = match.lastgroup if match.lastgroup != "hashes" else "text"
        text = match[0]
        if kind == "close":
            brackets.pop()
        elif kind == "plain" and not {"kept", "macro"} & set(brackets):
            text += " "
        elif kind == "line" and "kept" not in brackets:
            text += " "
        if kind in ("kept", "macro", "plain"):
            brackets.append(kind)
        return text

    return TOKEN.sub(token, source)


def unformatted(path):
    """The numbers of the lines of a file that rustfmt does not move back, or what it says instead."""
    with open(path, encoding="utf-8") as file:
        source = file.read()
    run = subprocess.run(
        ["rustfmt", "--edition", "2024"], input=disturbed(source), capture_output=True, encoding="utf-8", check=False
    )
    if run.returncode:
        return [f"{path}: {run.stderr.splitlines()[0]}"]
    matcher = difflib.SequenceMatcher(None, source.splitlines(), run.stdout.splitlines(), autojunk=False)
    return [f"{path}:{start + 1}" for kind, start, *_ in matcher.get_opcodes() if kind != "equal"]


with ThreadPoolExecutor(4) as pool:
    found = [line for lines in pool.map(unformatted, sys.argv[1:]) for line in lines]
for line in found:
    print(line)
sys.exit(1 if found else 0)
