"""Run requests as jobs: on a Slurm cluster, or as processes of this machine.

A job does a request for some of the models, with the same ledger. So whatever ends a job, the
evidence that it wrote stays, and the same job continues from there when it is started again.
`run_record` stores what was submitted, `status` asks what became of it, `dispatch` submits and
waits, `task` is what a node runs, `outcome` how it ended.
"""
