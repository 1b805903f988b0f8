"""Three examples of each command: what is typed, and what it is for."""

EXAMPLES = {
    "": (
        ("zoo count resnet50", "Count a model of timm."),
        ("zoo verify dpn98", "Check the numbers that are published about a model."),
        ("zoo explain dpn98 FLOPs", "Say why one of them is wrong."),
    ),
    "count": (
        ("zoo count timm:resnet50", "Count a model of timm."),
        ("zoo count resnet50 --size 224,288 --as fvcore,thop", "Print what tools would."),
        ("zoo count net.py:Net --args width=64", "Count your own class."),
    ),
    "check": (
        ("zoo check resnet50 --flops 4.1G --params 25.6M", "Judge a paper."),
        ("zoo check timm:dpn98 --flops 15G --size 224", "State the input size."),
        ("zoo check net.py:Net --params 61.6M", "Judge your own class."),
    ),
    "verify": (
        ("zoo verify dpn98", "Check a model of the index."),
        ("zoo verify resnet50 --format json", "Check what timm publishes."),
        ("zoo verify --index models --changed --strict", "Check a pull request."),
    ),
    "explain": (
        ("zoo explain dpn98", "Say why its FLOPs differ."),
        ("zoo explain dpn98 params", "Explain another quantity."),
        ("zoo explain resnet50 --all", "List every hypothesis."),
    ),
    "weights": (
        ("zoo weights digits_cnn", "Inspect what an index links."),
        ("zoo weights net.safetensors --tensors", "List the tensors of a file."),
        ("zoo weights hf:timm/dpn98.mx_in1k", "Inspect a file of the Hub."),
    ),
    "eval": (
        ("zoo eval digits_cnn", "Use data that is here."),
        ("zoo eval dpn98 --data imagenet --split val --download", "Use ImageNet."),
        ("zoo eval 'dpn*' --data imagenet --check", "Stop early."),
    ),
    "bench": (
        ("zoo bench dpn68 --plan", "Print a plan."),
        ("zoo bench dpn68 dla34 --batch-size 1,8 --budget 10m", "Limit the time."),
        ("zoo bench dpn68 --device cuda --engine eager,compile", "Compare two engines."),
    ),
    "jobs": (
        ("zoo jobs", "List the runs."),
        ("zoo jobs 20261128-171623-verify --log", "Print the logs of a run."),
        ("zoo jobs 1234_7 --cancel", "Cancel a job."),
    ),
    "compare": (
        ("zoo compare monday tuesday", "Compare two ledgers."),
        ("zoo compare engine=eager engine=compile", "Compare two engines."),
        ("zoo compare torch=2.11 torch=2.12 --fail-on slower", "Fail where it is slower."),
    ),
    "export": (
        ("zoo export digits_cnn", "Write digits_cnn.onnx."),
        ("zoo export dla34 --random --to torch_export", "Use random weights."),
        ("zoo export dpn98 --download -o dpn98.onnx", "Download the weights."),
    ),
    "list": (
        ("zoo list", "List all models."),
        ('zoo list --where "gmacs<5 and top1>78"', "List those that fit."),
        ("zoo list 'dpn*' --sort top1", "List the best first."),
    ),
    "show": (
        ("zoo show dpn98", "Show a model of the index."),
        ("zoo show dla34 --index demo", "Show a model of the embedded index."),
        ("zoo show dpn98 --all", "Show every field, claim and evidence."),
    ),
    "lint": (
        ("zoo lint", "Check the index of this folder."),
        ("zoo lint models --baseline known.json", "Fail on new findings only."),
        ("zoo lint models --format github", "Annotate a pull request."),
    ),
    "schema": (
        ("zoo schema", "Print the schema of an index."),
        ("zoo schema > model-index.schema.json", "Write it for an editor."),
        ("zoo schema --settings > zoo.schema.json", "Write that of zoo.toml."),
    ),
    "env": (
        ("zoo env", "Show this machine."),
        ("zoo env --format json", "Write JSON for a program."),
        ("zoo env > environment.txt", "Attach it to a report of a fault."),
    ),
    "card": (
        ("zoo card dpn98", "Print a card."),
        ("zoo card dpn98 -o README.md", "Write one card."),
        ("zoo card 'dpn*' -o cards/", "Write a folder for each model."),
    ),
    "convert": (
        ("zoo convert --to csv", "Write every claim as a row."),
        ("zoo convert models --to pwc -o model-index.yml", "Write a model-index."),
        ("zoo convert r.csv --from timm-results --to pwc", "Read results of timm."),
    ),
    "build": (
        ("zoo build", "Verify and build the site."),
        ("zoo build --no-verify", "Use the evidence at hand."),
        ("zoo build --site public", "Build into another folder."),
    ),
    "add": (
        ("zoo add timm:resnet18", "Show the entry, and ask."),
        ("zoo add resnet50 --family ResNet -o models.yml", "Choose the file."),
        ("zoo add net.py:Net --size 32 --yes", "Add your own class."),
    ),
    "trust": (
        ("zoo trust", "Show what would run, and ask."),
        ("zoo trust path/to/repository --yes", "Allow it without a question."),
        ("zoo trust --list", "List what is allowed."),
    ),
    "init": (
        ("zoo init", "Prepare this repository."),
        ("zoo init path/to/repository", "Prepare another one."),
        ("zoo init --from README.md", "Propose settings for the tables of a page."),
    ),
    "serve": (
        ("zoo serve", "Serve at http://127.0.0.1:8000/."),
        ("zoo serve --port 8001", "Take another port."),
        ("zoo serve --no-verify", "Use the evidence at hand."),
    ),
    "ledger": (
        ("zoo ledger check", "Check every file of the ledger."),
        ("zoo ledger check --recount", "Measure its counts again."),
        ("zoo ledger compact -o ledger.parquet", "Write it as one table."),
    ),
    "ledger check": (
        ("zoo ledger check", "Check every file."),
        ("zoo ledger check --ledger ../shared", "Check another ledger."),
        ("zoo ledger check --recount", "Measure its counts again."),
    ),
    "ledger compact": (
        ("zoo ledger compact", "Write ledger.parquet."),
        ("zoo ledger compact -o evidence.parquet", "Write another file."),
        ("zoo ledger compact --ledger ../shared", "Read another ledger."),
    ),
}
