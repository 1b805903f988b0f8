"""The panel of each option, in the order of the help; and the options that only `--help-all`
lists."""

ARGUMENTS, OTHERS = "Arguments", "Options"  # the panel of arguments; of options without one
PANELS = {
    "Models": "--index --changed --since --where --sort --reverse --columns --task",
    "Input": "--from --input --size --args --input-size --batch-size --dynamic-batch --settings",
    "Numbers": "--flops --params --activations --layers --top1 --top5",
    "Data": "--data --split --root --dataset --condition --class-map --class-folder --labels",
    "Weights": "--weights --random --tensors --download --offline --allow-host",
    "Measure": "--run --as --by --depth --counter --engine --device --precision --mode --l2 "
    "--threads --channels-last --compile-mode --energy --check --tolerance --confidence --limit "
    "--seed --sensitivity --replicates --budget --timeout --plan --opset --workers",
    "Evidence": "--ledger --fresh --no-verify --recount --audit --audit-seed",
    "Gate": "--strict --allow-unbuilt --baseline --write-baseline --ignore --fail-on",
    "Write": "--name --family --write --dry-run --yes --only --reported --force",
    "Site": "--config --trust-config --builder --site --host --port",
    "Code": "--list --revoke --trust --path --trust-settings",
    "Output": "--to --format --output --eval-results --all --also --report --log --exact --quiet "
    "--verbose --no-color",
    "Help": "--version --install-completion --show-completion",
    "Processes": "--jobs --memory-limit --time-limit",
    "Jobs": "--cancel --executor --partition --gpus-per-node --cpus-per-task --job-time --chunk "
    "--parallel --sbatch --detach",
}
PANEL = {option: panel for panel, options in PANELS.items() for option in options.split()}
ORDER = {option: position for position, option in enumerate(PANEL)}
# of options that mean something else elsewhere
PANEL_IN = {("list", "--limit"): "Models", ("list", "--dataset"): "Models"}
RARE = frozenset(
    "--allow-host --offline --path --trust-settings --audit-seed --memory-limit --time-limit "
    "--partition --gpus-per-node --cpus-per-task --job-time --chunk --parallel --sbatch --detach "
    "--no-color --verbose --condition --class-map --class-folder --confidence --root --workers "
    "--l2 --channels-last --compile-mode --energy --seed --timeout --counter --reported "
    "--opset".split()
)
RARE_IN = {  # by command
    "verify": "--download --also --allow-unbuilt --since --only --audit --write-baseline --report"
}


def panel_of(command: str, option: str) -> str:
    """Return the panel of an option of a command."""
    return PANEL_IN.get((command, option)) or PANEL.get(option, OTHERS)


def is_rare(command: str, option: str) -> bool:
    """Return whether only `--help-all` lists an option of a command."""
    return option in RARE or option in RARE_IN.get(command, "").split()
