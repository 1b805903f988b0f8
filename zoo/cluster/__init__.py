"""Commands in jobs of their own: on a Slurm cluster, or as processes of this machine.

A job is the command itself, for some of the models, with the same ledger. So whatever ends a job,
the evidence that it wrote stays, and the same job goes on from there when it is started again.
`runs` keeps what was submitted, `states` asks what became of it, `dispatch` submits and waits,
`task` is what a node runs.
"""
