using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using RealTimeMesh.Administration;
using RealTimeMesh.DeltaLake;
using RealTimeMesh.Lakehouse.Auditing;
using RealTimeMesh.Lakehouse.Maintenance;
using RealTimeMesh.Lakehouse.Requests;

namespace RealTimeMesh.Lakehouse.Endpoints;

/// <summary><c>/v1/maintenance</c>: what was done and what comes next; <c>POST …/optimize</c> and <c>…/vacuum</c>: by hand.</summary>
internal static class MaintenanceEndpoints
{
    private const int NamedFiles = 100;

    public static WebApplication MapMaintenance(this WebApplication app, AdminGuard guard)
    {
        app.MapGet("/v1/maintenance", Maintenance);
        app.MapGet("/v1/tables/{pipeline}/{table}/maintenance", TableAsync).AddEndpointFilter<DeltaFaults>();
        app.MapPost("/v1/tables/{pipeline}/{table}/checkpoint", CheckpointAsync).AddEndpointFilter(guard).AddEndpointFilter<DeltaFaults>();
        app.MapPost("/v1/tables/{pipeline}/{table}/optimize", OptimizeAsync).AddEndpointFilter(guard).AddEndpointFilter<DeltaFaults>();
        app.MapPost("/v1/tables/{pipeline}/{table}/vacuum", VacuumAsync).AddEndpointFilter(guard).AddEndpointFilter<DeltaFaults>();
        return app;
    }

    /// <summary><c>pipeline</c>, <c>table</c>, <c>limit</c>, <c>before</c>: runs before this number, <c>idle</c>: false leaves out those that found nothing to do.</summary>
    private static IResult Maintenance(HttpRequest request, MaintenanceJournal journal, MaintenanceService service, MaintenanceOptions options)
    {
        var parameters = new RequestParameters(request.Query);
        var (pipeline, table) = (parameters.Text("pipeline"), parameters.Text("table"));
        var (limit, before) = (parameters.Limit(50), parameters.Whole("before", 1, long.MaxValue) ?? long.MaxValue);
        var idle = parameters.Text("idle") is null || parameters.Flag("idle");
        if (parameters.Refusal() is { } refusal)
            return refusal;
        var runs = journal.Runs(pipeline, table, before, idle, limit);
        return TypedResults.Ok(new MaintenanceAnswer(
            options.IsOn, options.Every.TotalSeconds, service.NextLook, journal.Running,
            [.. options.Policies.Select(item => Policy(item.Key, item.Value))],
            runs, runs.Count == limit ? runs[^1].Number : null));
    }

    /// <summary>What is due on a table, by which policy, and what was done last.</summary>
    private static async Task<IResult> TableAsync(string pipeline, string table, TableDoor door, MaintenanceJournal journal, MaintenanceService service, MaintenanceOptions options, CancellationToken cancellationToken)
    {
        var (open, unknown) = await door.OpenAsync(pipeline, table, cancellationToken);
        if (open is null)
            return unknown!;
        var (facts, bytes, due) = await service.FactsAsync(open, cancellationToken);
        var kind = TableClasses.Of(table);
        return TypedResults.Ok(new TableMaintenanceAnswer(
            pipeline, table, options.IsOn, service.NextLook, Policy(kind, options.Policies[kind]), facts.SmallFiles, bytes, facts.CommitsSinceCheckpoint, facts.LastCommit, due,
            [.. Enum.GetValues<MaintenanceTask>().Select(task => journal.Last(pipeline, table, task)).OfType<MaintenanceRun>()]));
    }

    private static PolicyAnswer Policy(TableClass kind, MaintenancePolicy policy) =>
        new(kind, policy.CheckpointCommits, policy.OptimizeFiles, policy.TargetMiB, policy.Quiet.TotalSeconds, policy.VacuumEvery.TotalHours);

    private static async Task<IResult> CheckpointAsync(string pipeline, string table, HttpRequest request, TableDoor door, TableKeeper keeper, AuditLog audit, CancellationToken cancellationToken)
    {
        var (command, refusal) = await RequestBody.ReadAsync(request, new CheckpointCommand(), cancellationToken);
        if (command is null)
            return refusal!;
        var (open, unknown) = await door.OpenAsync(pipeline, table, cancellationToken);
        if (open is null)
            return unknown!;
        var who = Caller.Of(request.HttpContext);
        var run = await audit.RecordAsync(
            who, "checkpoint", open.FullName, command, new { version = open.Snapshot.Version }, () => keeper.CheckpointAsync(open, who, cancellationToken), Summary, cancellationToken);
        return Answer(run, new CheckpointAnswer(pipeline, table, run));
    }

    private static async Task<IResult> OptimizeAsync(string pipeline, string table, HttpRequest request, TableDoor door, TableKeeper keeper, AuditLog audit, CancellationToken cancellationToken)
    {
        var (command, refusal) = await RequestBody.ReadAsync(request, new OptimizeCommand(), cancellationToken);
        if (command is null)
            return refusal!;
        if (command.TargetMib is < 1 or > 16_384)
            return Refusals.BadRequest(new RequestFault("target_mib", $"{command.TargetMib}", "a whole number from 1 to 16384", "give such a number or leave it out"));
        var (open, unknown) = await door.OpenAsync(pipeline, table, cancellationToken);
        if (open is null)
            return unknown!;
        var optimize = keeper.OptimizeRequest(open) with { Where = command.Where, ZOrderBy = command.ZOrder ?? [] };
        if (command.TargetMib is { } target)
            optimize = optimize with { TargetFileBytes = (long)target << 20 };
        OptimizePreview preview;
        try
        {
            preview = await open.Delta.PreviewOptimizeAsync(optimize, cancellationToken);
        }
        catch (Exception exception) when (exception is DeltaException and not DeltaUnsupportedException or DeltaLake.Expressions.ExpressionException)
        {
            return Refusals.BadRequest(new RequestFault("where, z_order", exception.Message, "columns that the table has", "correct them or leave them out"));
        }

        var answer = new OptimizeAnswer(pipeline, table, command.DryRun, preview.Commits, preview.Files, preview.Bytes, null);
        if (command.DryRun)
            return TypedResults.Ok(answer);
        var who = Caller.Of(request.HttpContext);
        var run = await audit.RecordAsync(
            who, "optimize", open.FullName, command, new { version = open.Snapshot.Version, files = open.Snapshot.Files.Count },
            () => keeper.OptimizeAsync(open, optimize, who, cancellationToken), Summary, cancellationToken);
        return Answer(run, answer with { Run = run });
    }

    private static async Task<IResult> VacuumAsync(string pipeline, string table, HttpRequest request, TableDoor door, TableKeeper keeper, AuditLog audit, CancellationToken cancellationToken)
    {
        var (command, refusal) = await RequestBody.ReadAsync(request, new VacuumCommand(), cancellationToken);
        if (command is null)
            return refusal!;
        if (command.RetentionHours is { } hours && !(hours >= 0 && hours <= 876_000))
            return Refusals.BadRequest(new RequestFault("retention_hours", $"{hours}", "a number from 0 to 876000", "give such a number or leave it out"));
        var (open, unknown) = await door.OpenAsync(pipeline, table, cancellationToken);
        if (open is null)
            return unknown!;
        // A retention below the table's is never allowed here: this service cannot know who else reads it.
        var vacuum = new VacuumRequest { Retention = command.RetentionHours is { } asked ? TimeSpan.FromHours(asked) : null, Lite = command.Lite };
        VacuumResult preview;
        try
        {
            preview = await open.Delta.VacuumAsync(vacuum with { DryRun = true }, cancellationToken);
        }
        catch (DeltaException exception) when (exception is not DeltaUnsupportedException && command.RetentionHours is not null)
        {
            return Refusals.BadRequest(new RequestFault("retention_hours", exception.Message, "the table's retention or more", "give more hours or leave it out"));
        }

        var answer = new VacuumAnswer(pipeline, table, command.DryRun, preview.Files.Count, preview.Bytes, [.. preview.Files.Take(NamedFiles)], null);
        if (command.DryRun)
            return TypedResults.Ok(answer);
        var who = Caller.Of(request.HttpContext);
        var run = await audit.RecordAsync(
            who, "vacuum", open.FullName, command, new { version = open.Snapshot.Version, files_to_delete = preview.Files.Count, bytes_to_delete = preview.Bytes },
            () => keeper.VacuumAsync(open, vacuum, who, cancellationToken), Summary, cancellationToken);
        return Answer(run, answer with { Run = run });
    }

    private static object Summary(MaintenanceRun run) => new { outcome = run.Outcome.ToString(), figures = run.Figures, error = run.Error };

    private static IResult Answer<T>(MaintenanceRun run, T answer) => run.Outcome switch
    {
        MaintenanceOutcome.Done or MaintenanceOutcome.Nothing => TypedResults.Ok(answer),
        MaintenanceOutcome.Conflict => Refusals.Conflict(new RequestFault("commit", run.Error!, "no writer in its way", "try again")),
        MaintenanceOutcome.DiskShort => Refusals.Of(StatusCodes.Status507InsufficientStorage, new RequestFault("disk", run.Error!, "room for the files to be written anew", "free some space")),
        MaintenanceOutcome.Refused => Refusals.Of(StatusCodes.Status501NotImplemented, new RequestFault("table", run.Error!, "a table whose features are supported", "use an engine that supports them")),
        _ => Refusals.Of(StatusCodes.Status500InternalServerError, new RequestFault("table", run.Error ?? "a fault", "a table that can be changed", "see the service's log")),
    };

    /// <summary>A checkpoint of the newest version; nothing to say about it.</summary>
    internal sealed record CheckpointCommand;

    internal sealed record CheckpointAnswer(string Pipeline, string Table, MaintenanceRun Run);

    internal sealed record TableMaintenanceAnswer(
        string Pipeline, string Table, bool On, DateTimeOffset? NextLook, PolicyAnswer Policy, int SmallFiles, long SmallFileBytes, long CommitsSinceCheckpoint, DateTimeOffset LastCommit,
        IReadOnlyList<MaintenanceTask> Due, IReadOnlyList<MaintenanceRun> Last);

    /// <summary>What to put together.</summary>
    /// <param name="DryRun">Only tell what would be written anew.</param>
    /// <param name="Where">Only partitions for which this is true, in Spark SQL.</param>
    /// <param name="ZOrder">Columns whose values are to lie together.</param>
    internal sealed record OptimizeCommand(bool DryRun = false, string? Where = null, IReadOnlyList<string>? ZOrder = null, int? TargetMib = null);

    /// <summary>What to delete.</summary>
    /// <param name="DryRun">Only tell what would be deleted.</param>
    /// <param name="RetentionHours">How long files stay; the table's own retention where left out.</param>
    /// <param name="Lite">Only what the log tells of, without looking at the folder.</param>
    internal sealed record VacuumCommand(bool DryRun = false, double? RetentionHours = null, bool Lite = false);

    internal sealed record OptimizeAnswer(string Pipeline, string Table, bool DryRun, int Commits, int Files, long Bytes, MaintenanceRun? Run);

    internal sealed record VacuumAnswer(string Pipeline, string Table, bool DryRun, int Files, long Bytes, IReadOnlyList<string> Named, MaintenanceRun? Run);

    internal sealed record MaintenanceAnswer(
        bool On, double EverySeconds, DateTimeOffset? NextLook, RunningMaintenance? Running, IReadOnlyList<PolicyAnswer> Policies, IReadOnlyList<MaintenanceRun> Runs, long? Next);

    internal sealed record PolicyAnswer(TableClass Class, int CheckpointCommits, int OptimizeFiles, int TargetMib, double QuietSeconds, double VacuumHours);
}
