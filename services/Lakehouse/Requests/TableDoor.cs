using System.Globalization;
using Microsoft.AspNetCore.Http;
using RealTimeMesh.DeltaLake;
using RealTimeMesh.Lakehouse.Tables;

namespace RealTimeMesh.Lakehouse.Requests;

/// <summary>Finds the table, and the version of it, that a request names.</summary>
internal sealed class TableDoor(LakeCatalog catalog)
{
    private const int NamedTables = 50;

    /// <summary>The table with its newest snapshot; or the answer that it is not there.</summary>
    public async Task<(OpenTable? Table, IResult? Refusal)> OpenAsync(string pipeline, string table, CancellationToken cancellationToken) =>
        catalog.Find(pipeline, table) is { } delta && await delta.GetSnapshotAsync(null, cancellationToken) is { } snapshot
            ? (new OpenTable(pipeline, table, delta, snapshot), null)
            : (null, Unknown(pipeline, table));

    /// <summary>The table as of <c>version</c> or <c>timestamp</c>.</summary>
    public async Task<(OpenTable? Table, IResult? Refusal)> OpenAsync(string pipeline, string table, long? version, DateTimeOffset? timestamp, CancellationToken cancellationToken)
    {
        if (version is not null && timestamp is not null)
            return (null, Refusals.BadRequest(new RequestFault("version, timestamp", "both", "one of them", "leave one out")));
        var (open, refusal) = await OpenAsync(pipeline, table, cancellationToken);
        if (open is null || (version is null && timestamp is null))
            return (open, refusal);
        try
        {
            var snapshot = timestamp is { } time ? await open.Delta.GetSnapshotAsync(time, cancellationToken) : await open.Delta.GetSnapshotAsync(version, cancellationToken);
            return snapshot is null ? (null, Unknown(pipeline, table)) : (open with { Snapshot = snapshot }, null);
        }
        catch (DeltaException exception) when (exception is not DeltaUnsupportedException)
        {
            var range = await open.Delta.GetVersionRangeAsync(cancellationToken);
            var asked = version is { } number ? string.Create(CultureInfo.InvariantCulture, $"version {number}") : $"timestamp {Text(timestamp!.Value)}";
            return (null, Refusals.NotFound(new RequestFault(
                $"table '{pipeline}/{table}'",
                $"no {asked} ({exception.Message})",
                range is null ? "a version that exists" : string.Create(CultureInfo.InvariantCulture, $"a version from {range.Oldest} to {range.Newest}, a timestamp from {Text(DateTimeOffset.FromUnixTimeMilliseconds(range.OldestTimestamp ?? range.NewestTimestamp))} to now"),
                $"see /v1/tables/{pipeline}/{table}/history")));
        }
    }

    private IResult Unknown(string pipeline, string table)
    {
        var names = catalog.List().Select(item => $"{item.Pipeline}/{item.Name}").Take(NamedTables + 1).ToList();
        var expected = names.Count == 0 ? "a table, of which there is none yet" : $"one of {string.Join(", ", names.Take(NamedTables))}{(names.Count > NamedTables ? " and others" : "")}";
        return Refusals.NotFound(new RequestFault($"table '{pipeline}/{table}'", "none", expected, "see /v1/tables"));
    }

    private static string Text(DateTimeOffset time) => time.ToUniversalTime().ToString("yyyy-MM-dd'T'HH:mm:ss.fff'Z'", CultureInfo.InvariantCulture);
}

/// <summary>A table that was found, at the version asked for.</summary>
internal sealed record OpenTable(string Pipeline, string Name, DeltaTable Delta, Snapshot Snapshot)
{
    public string FullName => $"{Pipeline}.{Name}";
}
