"""What each shell runs to complete a command line, and where that is installed.

A script asks `zoo` with the shell's name in `_ZOO_COMPLETE`. The first line of the answer says
which paths may stand there too (`words` none, `files`, `folders`); each other line is a value, a
tab and its help. A script evaluates nothing of the answer.
"""

import os
from pathlib import Path
from typing import NamedTuple

VARIABLE = "_ZOO_COMPLETE"

BASH = """\
_zoo_complete() {
    local kind value rest line="${COMP_LINE:0:COMP_POINT}"
    local current="${line##*[[:space:]]}"
    local fixed="${current%"${current##*[:=]}"}"  # readline replaces what follows
    COMPREPLY=()
    {
        read -r kind
        while IFS=$'\\t' read -r value rest; do COMPREPLY+=("${value#"$fixed"}"); done
    } < <(_ZOO_COMPLETE=bash "$1" "$line" 2>/dev/null)
    if [[ ${#COMPREPLY[@]} -eq 0 ]]; then
        [[ $kind == files ]] && compopt -o default
        [[ $kind == folders ]] && compopt -o dirnames
    elif [[ "${COMPREPLY[*]}" == *[:=,] ]]; then
        compopt -o nospace
    fi
}
complete -F _zoo_complete zoo
"""
ZSH = """\
#compdef zoo
_zoo() {
    local kind value text
    local -a values texts
    {
        read -r kind
        while IFS=$'\\t' read -r value text; do
            values+=("$value")
            texts+=("$value${text:+  $text}")
        done
    } < <(_ZOO_COMPLETE=zsh "${words[1]}" "${(@)words[2,CURRENT]}" 2>/dev/null)
    (( ${#values} )) && compadd -l -d texts -a values
    [[ $kind == files ]] && _files
    [[ $kind == folders ]] && _files -/
}
compdef _zoo zoo
"""
FISH = """\
function __zoo_complete
    set -l words (commandline -opc)
    set -l current (commandline -ct)
    set -l lines (env _ZOO_COMPLETE=fish $words "$current" 2>/dev/null)
    string join \\n -- $lines[2..-1]
    switch "$lines[1]"
        case files
            __fish_complete_path "$current"
        case folders
            __fish_complete_directories "$current"
    end
end
complete --command zoo --no-files --arguments '(__zoo_complete)'
"""


class Shell(NamedTuple):
    """The script of a shell, its file, and the line that its start file gets, below the home."""

    script: str
    file: str
    start: str = ""
    line: str = ""


SHELLS = {
    "bash": Shell(BASH, ".local/share/zoo/completion.bash", ".bashrc", "source {file}"),
    "zsh": Shell(
        ZSH,
        ".local/share/zoo/completion.zsh",
        ".zshrc",
        "(( $+functions[compdef] )) || {{ autoload -Uz compinit && compinit; }}; source {file}",
    ),
    "fish": Shell(FISH, ".config/fish/completions/zoo.fish"),
}


def find_shell() -> str:
    """Return the name of the shell that a person uses.

    Raises:
        UsageError: there is no script for it.
    """
    name = Path(os.environ.get("SHELL", "")).name
    if name not in SHELLS:
        from zoo.model_index.errors import UsageError

        raise UsageError(f"name the shell: {', '.join(SHELLS)} (SHELL is {name or 'not set'})")
    return name


def install(name: str) -> str:
    """Write the script of a shell, and let the shell load it when it starts; say where."""
    shell, home = SHELLS[name], Path.home()
    file = home / shell.file
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text(shell.script, encoding="utf-8")
    if shell.start:
        start, line = home / shell.start, shell.line.format(file=f"~/{shell.file}")
        text = start.read_text(encoding="utf-8") if start.exists() else ""
        if line not in text.splitlines():
            end = "" if not text or text.endswith("\n") else "\n"
            with start.open("a", encoding="utf-8") as stream:
                stream.write(f"{end}{line}\n")
    return f"{name}: {file}; it holds in the next shell"
