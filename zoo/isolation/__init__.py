"""Call functions in processes of their own, so that what foreign code does stays there.

`pool` starts the processes and hands out tasks, `worker` is what runs in them, `limits` bounds
memory and time.
"""
