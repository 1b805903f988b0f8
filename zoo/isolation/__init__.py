"""Call functions in processes of their own, so that what foreign code does stays there.

`pool` starts the processes and hands out tasks, `worker` is what runs in them, `limits` bounds
memory and time. `guard` is for the few models that have to run in this process.
"""
