using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using RealTimeMesh.Administration;
using RealTimeMesh.DeltaLake;
using RealTimeMesh.Lakehouse.Auditing;
using RealTimeMesh.Lakehouse.Requests;

namespace RealTimeMesh.Lakehouse.Endpoints;

/// <summary><c>POST …/restore</c>: makes a table what it was; <c>/v1/audit-log</c>: who did what by hand.</summary>
internal static class RestoreEndpoints
{
    private const int NamedFiles = 20;

    public static WebApplication MapRestore(this WebApplication app, AdminGuard guard)
    {
        app.MapPost("/v1/tables/{pipeline}/{table}/restore", RestoreAsync).AddEndpointFilter(guard).AddEndpointFilter<DeltaFaults>();
        app.MapGet("/v1/audit-log", AuditLogAsync).AddEndpointFilter(guard);
        return app;
    }

    private static async Task<IResult> RestoreAsync(string pipeline, string table, HttpRequest request, TableDoor door, AuditLog audit, CancellationToken cancellationToken)
    {
        var (command, refusal) = await RequestBody.ReadAsync(request, new RestoreCommand(), cancellationToken);
        if (command is null)
            return refusal!;
        if (command.Version is null && command.Timestamp is null)
            return Refusals.BadRequest(new RequestFault("version, timestamp", "neither", "one of them", "say which version is to come back"));
        var (then, unknown) = await door.OpenAsync(pipeline, table, command.Version, command.Timestamp, cancellationToken);
        if (then is null)
            return unknown!;
        var restore = new RestoreRequest { Version = then.Snapshot.Version, IgnoreMissingFiles = command.IgnoreMissingFiles, UserMetadata = command.Reason };
        var preview = await then.Delta.PreviewRestoreAsync(restore, cancellationToken);
        if (command.ExpectedVersion is { } expected && expected != preview.FromVersion)
            return Refusals.Conflict(new RequestFault("expected_version", $"version {preview.FromVersion}", $"version {expected}", "look at the newer commits, preview again, and give their version"));
        if (preview.Missing.Count > 0 && !command.IgnoreMissingFiles && !command.DryRun)
            return Refusals.Conflict(new RequestFault($"files of version {preview.ToVersion}", $"{preview.Missing.Count} gone: {string.Join(", ", preview.Missing.Take(NamedFiles))}", "all of them", "restore a later version, or set ignore_missing_files and lose their rows"));
        var answer = Answer(then, preview, command.DryRun);
        if (command.DryRun || preview.IsEmpty)
            return TypedResults.Ok(answer);
        var result = await audit.RecordAsync(
            Caller.Of(request.HttpContext), "restore", then.FullName, command, new { version = preview.FromVersion, rows = preview.RowsBefore },
            () => then.Delta.RestoreAsync(restore, cancellationToken), done => new { version = done.Version, rows = preview.RowsAfter }, cancellationToken);
        return TypedResults.Ok(answer with { Version = result.Version });
    }

    private static async Task<IResult> AuditLogAsync(HttpRequest request, AuditLog audit, CancellationToken cancellationToken)
    {
        var parameters = new RequestParameters(request.Query);
        var (limit, before) = (parameters.Limit(50), parameters.Whole("before", 1, long.MaxValue) ?? long.MaxValue);
        if (parameters.Refusal() is { } refusal)
            return refusal;
        var entries = await audit.ReadAsync(before, limit, cancellationToken);
        return TypedResults.Ok(new AuditLogAnswer(entries, entries is [.., { Number: > 1 } last] ? last.Number : null));
    }

    private static RestoreAnswer Answer(OpenTable then, RestorePreview preview, bool dryRun) => new(
        then.Pipeline, then.Name, dryRun, null, preview.FromVersion, preview.ToVersion, preview.RowsBefore, preview.RowsAfter,
        preview.Restored.Count, preview.Restored.Sum(file => file.Size), preview.Removed.Count, preview.Removed.Sum(file => file.Size),
        preview.Missing.Count, [.. preview.Missing.Take(NamedFiles)], preview.MetadataChanges, Warnings(then, preview));

    /// <summary>What a restore does not undo.</summary>
    private static List<string> Warnings(OpenTable then, RestorePreview preview)
    {
        List<string> warnings = [];
        if (then.Name.StartsWith("bronze.", StringComparison.Ordinal) && preview.Removed.Count > 0)
            warnings.Add("positions of the topics stay as they are: events whose rows go are not delivered again");
        if (then.Snapshot.Transactions.Keys.Any(app => app.StartsWith("build/", StringComparison.Ordinal)) && !preview.IsEmpty)
            warnings.Add("builds go on from where the last one ended: what goes is built anew only where its sources change");
        if (preview.Missing.Count > 0)
            warnings.Add($"{preview.Missing.Count} files of version {preview.ToVersion} are gone; their rows cannot come back");
        return warnings;
    }

    /// <summary>What to restore. Either version or timestamp.</summary>
    /// <param name="DryRun">Only tell what would change.</param>
    /// <param name="ExpectedVersion">The newest version as the caller knows it: where another was committed since, nothing is done.</param>
    /// <param name="Reason">For the table's history.</param>
    internal sealed record RestoreCommand(long? Version = null, DateTimeOffset? Timestamp = null, bool DryRun = false, long? ExpectedVersion = null, bool IgnoreMissingFiles = false, string? Reason = null);

    internal sealed record RestoreAnswer(
        string Pipeline, string Table, bool DryRun, long? Version, long FromVersion, long ToVersion, long RowsBefore, long RowsAfter, int FilesRestored, long BytesRestored, int FilesRemoved, long BytesRemoved,
        int FilesMissing, IReadOnlyList<string> Missing, IReadOnlyList<string> MetadataChanges, IReadOnlyList<string> Warnings);

    internal sealed record AuditLogAnswer(IReadOnlyList<AuditEntry> Entries, long? Next);
}
