using System.Globalization;
using System.Text.Json;

namespace RealTimeMesh.DeltaLake;

/// <summary>Gives new files their row ids (PROTOCOL.md, "Row Tracking").</summary>
internal static class RowIds
{
    public const string Domain = "delta.rowTracking";

    /// <summary>The highest row id given out; -1 where none was.</summary>
    public static long HighWaterMark(string table, string? configuration)
    {
        if (configuration is null)
            return -1;
        try
        {
            using var document = JsonDocument.Parse(configuration);
            return document.RootElement.GetProperty("rowIdHighWaterMark").GetInt64();
        }
        catch (Exception exception) when (exception is JsonException or KeyNotFoundException or InvalidOperationException or FormatException)
        {
            throw new DeltaException(table, $"domain {Domain} is '{configuration}'; expected {{\"rowIdHighWaterMark\":n}}; restore the log.", exception);
        }
    }

    /// <summary>Gives added files their ids from the mark on, and records the new mark in the commit. <paramref name="without"/> are the positions of those that came without ids.</summary>
    public static void Assign(string table, LogCommit commit, IReadOnlyList<int> without, long highWaterMark, long version)
    {
        var next = highWaterMark + 1;
        foreach (var i in without)
        {
            var file = commit.Adds[i];
            if (file.NumRecords < 0)
                throw new DeltaException(table, $"file '{file.Path}' does not tell its number of rows; expected numRecords: the table has feature rowTracking.");
            commit.Adds[i] = file with { BaseRowId = next, DefaultRowCommitVersion = version };
            next += file.NumRecords;
        }

        commit.Domains.RemoveAll(item => item.Domain == Domain);
        if (next - 1 > highWaterMark)
            commit.Domains.Add(new DomainMetadata(Domain, string.Create(CultureInfo.InvariantCulture, $"{{\"rowIdHighWaterMark\":{next - 1}}}"), false));
    }

    /// <summary>Positions of added files that have no ids yet.</summary>
    public static IReadOnlyList<int> Without(LogCommit commit) => [.. Enumerable.Range(0, commit.Adds.Count).Where(i => commit.Adds[i].BaseRowId is null)];
}
