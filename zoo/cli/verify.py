"""`zoo verify`: claims against the live model."""

import msgspec
import typer

from zoo.cli.audit import AUDIT_OPTIONS, AuditOptions, Auditor
from zoo.cli.gates import Gate
from zoo.cli.job_options import JOB_OPTIONS, NO_JOBS, Cluster, JobOptions, cores
from zoo.cli.options import TABLE
from zoo.cli.records import from_options
from zoo.cli.run_in_jobs import count_in_jobs
from zoo.cli.verify_options import CHECK_OPTIONS, OPTIONS, CheckOptions
from zoo.cli.verify_run import Verification
from zoo.cli.verify_selection import settle_revision
from zoo.cli.verify_write import WRITE_OPTIONS, WriteOptions
from zoo.models.extras import require
from zoo.verification.request import VerifyRequest

MODELS_OF_A_JOB = 50


@from_options(
    {
        VerifyRequest: OPTIONS,
        CheckOptions: CHECK_OPTIONS,
        AuditOptions: AUDIT_OPTIONS,
        WriteOptions: WRITE_OPTIONS,
        JobOptions: JOB_OPTIONS,
    }
)
def verify(
    request: VerifyRequest,
    output: CheckOptions,
    audit: AuditOptions,
    write: WriteOptions,
    jobs: JobOptions,
) -> None:
    """Build each model and check every claim about it: FLOPs, parameters, depth and configuration.

    Each claim is right, wrong or unknown. A wrong one has its cause, where that is known, and the
    number to use. With --executor, jobs count the models. With --write, measured values replace
    wrong ones. Exits with 1 where a claim is wrong, a value cannot be read, or a model that the
    index names a builder for is not built. The last line says what was not examined.
    """
    raise typer.Exit(run_verify(request, output, write, jobs, audit))


def run_verify(
    request: VerifyRequest,
    output: CheckOptions = CheckOptions(),
    write: WriteOptions = WriteOptions(),
    jobs: JobOptions = NO_JOBS,
    audit: AuditOptions = AuditOptions(),
) -> int:
    """Verify here or in jobs, print the findings, return the exit code."""
    if request.counter == "fvcore":
        require("fvcore")
    cluster = _cluster(request, jobs)
    gate = Gate(
        "zoo verify",
        output.format,
        also=output.also,
        known=output.baseline,
        write=output.write_baseline,
        report=output.report,
    )
    request = settle_revision(request)
    instead = "" if output.format == TABLE else output.format.upper()
    writing = write.check(instead=instead, baseline=output.write_baseline)
    run = Verification(request, output, gate, writing, Auditor(audit))
    missed = cluster is not None and count_in_jobs(run.entries, run.measurer, request, cluster)
    run.examine()
    run.print()
    if writing and not writing.dry_run:
        run.write_corrections(writing)
    return run.finish(missed)


def _cluster(request: VerifyRequest, jobs: JobOptions) -> Cluster | None:
    """Return what to ask of the cluster; by default a job has a CPU for each counting process."""
    if jobs.executor:
        cpus = jobs.cpus_per_task or request.jobs or None
        jobs = msgspec.structs.replace(jobs, cpus_per_task=cpus)
    return jobs.cluster(models=MODELS_OF_A_JOB, width=cores(jobs.cpus_per_task or 1))
