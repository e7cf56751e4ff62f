using System.Globalization;
using System.Text.Json.Nodes;

namespace RealTimeMesh.Testing.DeltaLogs;

/// <summary>Checkpoints are the state of their version: no more, no less (PROTOCOL.md, "Checkpoints").</summary>
internal sealed class CheckpointRules(string folder, LogValidation options, Faults faults)
{
    private static readonly TimeSpan s_week = TimeSpan.FromDays(7);

    /// <summary>The actions of a checkpoint and its sidecars; null where it cannot be read.</summary>
    public IReadOnlyList<LogAction>? Read(long version, IReadOnlyList<string> paths)
    {
        try
        {
            List<LogAction> actions = [.. paths.SelectMany(Actions)];
            foreach (var sidecar in actions.Where(action => action.Name == "sidecar").ToList())
            {
                var path = sidecar.Path.Contains('/', StringComparison.Ordinal) ? new Uri(sidecar.Path, UriKind.RelativeOrAbsolute) is { IsAbsoluteUri: true } uri ? uri.LocalPath : sidecar.Path : Path.Combine(folder, "_sidecars", sidecar.Path);
                if (new FileInfo(path) is var file && (!file.Exists || file.Length != sidecar.Whole("sizeInBytes")))
                    faults.Add(version, sidecar.Subject, file.Exists ? $"sizeInBytes {sidecar.Whole("sizeInBytes")}" : "no such file", $"the file{(file.Exists ? $"'s {file.Length} bytes" : "")}");
                if (file.Exists)
                    actions.AddRange(Actions(path));
            }

            return actions;
        }
        catch (Exception exception) when (exception is not OutOfMemoryException)
        {
            faults.Add(version, $"checkpoint {Path.GetFileName(paths[0])}", exception.Message, "a checkpoint that can be read");
            return null;
        }
    }

    public void Check(ReplayedLog state, IReadOnlyList<string> paths, FeatureRules features)
    {
        if (options.Parquet is null && !paths[0].EndsWith(".json", StringComparison.Ordinal))
            return;
        var name = Path.GetFileName(paths[0]);
        void Fault(string subject, string found, string expected) => faults.Add(state.Version, $"checkpoint {name}, {subject}", found, expected);
        if (Read(state.Version, paths) is not { } actions)
            return;
        foreach (var action in actions.Where(action => ActionShape.IsKnown(action.Name)))
            ActionShape.Check(action.Name, action.Body, options.Strict, true, (field, found, expected) => Fault($"{action.Subject}, {field}", found, expected));
        foreach (var action in actions.Where(action => action.Name is "commitInfo" or "cdc"))
            Fault(action.Subject, "it", "none in checkpoints");
        Spec(state, paths, actions, features, Fault);
        One("protocol", actions, state.Protocol!, Fault);
        One("metaData", actions, state.Metadata!, Fault);
        Same("txn", actions, state.Transactions, action => action.Text("appId") ?? "", (a, b) => a.Whole("version") == b.Whole("version") && (!options.Strict || a.Whole("lastUpdated") == b.Whole("lastUpdated")), Fault);
        Same("domainMetadata", actions, state.Domains, action => action.Text("domain") ?? "", (a, b) => a.Text("configuration") == b.Text("configuration"), Fault);
        Same("add", actions, state.Live, action => action.Key, (a, b) => SameAdd(a, b, state), Fault);
        Tombstones(state, paths, actions, Fault);
    }

    private IEnumerable<LogAction> Actions(string path)
    {
        if (path.EndsWith(".json", StringComparison.Ordinal))
            return LogText.Read(path, options.Strict, (subject, found, expected) => throw new InvalidDataException($"{subject}: {found}; expected {expected}"));
        return options.Parquet!.ReadRows(path).SelectMany((row, i) => row.Where(item => item.Value is JsonObject).Select(item => new LogAction(item.Key, Without((JsonObject)item.Value!), i)));
    }

    /// <summary>Columns without value are null in Parquet; a vector of nothing but nulls is none.</summary>
    private static JsonObject Without(JsonObject row)
    {
        foreach (var (name, value) in row.ToList())
        {
            if (value is JsonObject inner && name is "deletionVector" or "format")
                Without((JsonObject)value!);
            if (value is null || (name == "deletionVector" && value is JsonObject { Count: 0 }))
                row.Remove(name);
        }

        return row;
    }

    private static void Spec(ReplayedLog state, IReadOnlyList<string> paths, IReadOnlyList<LogAction> actions, FeatureRules features, Action<string, string, string> fault)
    {
        var marks = actions.Where(action => action.Name == "checkpointMetadata").ToList();
        var isNamedV2 = Path.GetFileName(paths[0]).Split('.').Length == 4;
        if (marks.Count == 0)
        {
            if (isNamedV2)
                fault("checkpointMetadata", "none", "one in a V2 checkpoint");
            if (actions.Any(action => action.Name == "sidecar"))
                fault("sidecar", "one without checkpointMetadata", "sidecars in V2 checkpoints only");
            return;
        }

        features.Need(state, "v2Checkpoint", $"checkpoint {Path.GetFileName(paths[0])}");
        if (marks.Count > 1 || marks[0].Whole("version") != state.Version)
            fault("checkpointMetadata", string.Join(", ", marks.Select(mark => Faults.Text(mark.Body))), $"one, of version {state.Version}");
        if (paths.Count > 1)
            fault("checkpointMetadata", $"{paths.Count} parts", "no parts in V2 checkpoints");
    }

    private void One(string name, IReadOnlyList<LogAction> actions, JsonObject expected, Action<string, string, string> fault)
    {
        var found = actions.Where(action => action.Name == name).ToList();
        if (found.Count != 1)
            fault(name, $"{found.Count} of them", "one");
        else if (!Normal(found[0].Body, name).Equals(Normal(expected, name), StringComparison.Ordinal))
            fault(name, Faults.Text(found[0].Body), Faults.Text(expected));
    }

    private static void Same(string name, IReadOnlyList<LogAction> actions, Dictionary<string, LogAction> expected, Func<LogAction, string> keyOf, Func<LogAction, LogAction, bool> same, Action<string, string, string> fault)
    {
        HashSet<string> seen = new(StringComparer.Ordinal);
        foreach (var action in actions.Where(action => action.Name == name))
        {
            var key = keyOf(action);
            if (!seen.Add(key))
                fault(action.Subject, "it twice", "each once");
            if (!expected.TryGetValue(key, out var other))
                fault(action.Subject, "it", "none: the log has it not at this version");
            else if (!same(action, other))
                fault(action.Subject, Faults.Text(action.Body), Faults.Text(other.Body));
        }

        foreach (var missing in expected.Where(item => !seen.Contains(item.Key)))
            fault(missing.Value.Subject, "none", "it, as the log has it");
    }

    private bool SameAdd(LogAction found, LogAction expected, ReplayedLog state)
    {
        foreach (var field in new[] { "size", "modificationTime", "partitionValues", "baseRowId", "defaultRowCommitVersion", "clusteringProvider" })
        {
            if (!JsonNode.DeepEquals(found.Body[field], expected.Body[field]))
                return false;
        }

        var (vector, other) = (found.Vector, expected.Vector);
        if (vector?["cardinality"]?.ToString() != other?["cardinality"]?.ToString() || vector?["sizeInBytes"]?.ToString() != other?["sizeInBytes"]?.ToString())
            return false;
        if (options.Strict && Tags(found) != Tags(expected))
            return false;
        var written = FileStatistics.Parse(found);
        if (state.Property("delta.checkpoint.writeStatsAsJson") != "false" && options.Strict && (written is null) != (FileStatistics.Parse(expected) is null))
            return false;
        // Without statistics as JSON the number of rows may stand alone.
        var isRowsOnly = written is { Count: 1 } && JsonNode.DeepEquals(written["numRecords"], FileStatistics.Parse(expected)?["numRecords"]);
        if (written is not null && !isRowsOnly && !JsonNode.DeepEquals(written, FileStatistics.Parse(expected)))
            return false;
        if (options.Strict && found.Vector is not null && written is null && (found.Body["stats_parsed"] as JsonObject)?["numRecords"] is null)
            return false;
        return !options.Strict || ParsedStatistics.Agree(found.Body["stats_parsed"] as JsonObject, FileStatistics.Parse(expected));
    }

    private static string Tags(LogAction action) => action.Body["tags"] is JsonObject { Count: > 0 } tags ? Normal(tags, "tags") : "";

    private void Tombstones(ReplayedLog state, IReadOnlyList<string> paths, IReadOnlyList<LogAction> actions, Action<string, string, string> fault)
    {
        var kept = new HashSet<string>(StringComparer.Ordinal);
        foreach (var remove in actions.Where(action => action.Name == "remove"))
        {
            if (!kept.Add(remove.Key))
                fault(remove.Subject, "it twice", "each once");
            if (!state.Tombstones.TryGetValue(remove.Key, out var other))
                fault(remove.Subject, "it", "none: the log has no such tombstone at this version");
            else if (remove.Whole("deletionTimestamp") != other.Whole("deletionTimestamp") || remove.Whole("size") != other.Whole("size") || !JsonNode.DeepEquals(remove.Body["partitionValues"], other.Body["partitionValues"]))
                fault(remove.Subject, Faults.Text(remove.Body), Faults.Text(other.Body));
            if (remove.Text("stats") is not null || remove.Body["tags"] is JsonObject { Count: > 0 })
                fault(remove.Subject, "stats or tags", "neither in a checkpoint");
        }

        var retention = Retention(state.Property("delta.deletedFileRetentionDuration"));
        if (retention is null)
            return;
        var now = Math.Max((options.Now ?? File.GetLastWriteTimeUtc(paths[0])).ToUnixTimeMilliseconds(), state.CommitInfo?.Whole("timestamp") ?? 0);
        foreach (var missing in state.Tombstones.Values.Where(tombstone => !kept.Contains(tombstone.Key) && now - (tombstone.Whole("deletionTimestamp") ?? 0) < retention.Value.TotalMilliseconds))
            fault(missing.Subject, "none", "the tombstone, which has not expired");
    }

    /// <summary>Null where the property is of a form that is not understood here.</summary>
    private static TimeSpan? Retention(string? interval)
    {
        var words = (interval ?? "").Split(' ', StringSplitOptions.RemoveEmptyEntries);
        if (interval is null)
            return s_week;
        if (words is ["interval", var number, var unit] && double.TryParse(number, NumberStyles.Float, CultureInfo.InvariantCulture, out var count))
        {
            return unit.TrimEnd('s') switch
            {
                "millisecond" => TimeSpan.FromMilliseconds(count),
                "second" => TimeSpan.FromSeconds(count),
                "minute" => TimeSpan.FromMinutes(count),
                "hour" => TimeSpan.FromHours(count),
                "day" => TimeSpan.FromDays(count),
                "week" => TimeSpan.FromDays(count * 7),
                _ => null,
            };
        }

        return null;
    }

    /// <summary>A text that is the same where the actions are: fields and the members of feature lists in order, nothing that is absent or empty.</summary>
    internal static string Normal(JsonNode? node, string name = "") => node switch
    {
        JsonObject map => "{" + string.Join(",", map.Where(item => item.Value is not null && !(item.Value is JsonObject { Count: 0 } && item.Key is "options" or "tags" or "configuration")).OrderBy(item => item.Key, StringComparer.Ordinal).Select(item => $"{item.Key}:{Normal(item.Value, item.Key)}")) + "}",
        JsonArray list => "[" + string.Join(",", name.EndsWith("Features", StringComparison.Ordinal) ? list.Select(item => Normal(item)).Order(StringComparer.Ordinal) : list.Select(item => Normal(item))) + "]",
        null => "null",
        _ => node.ToJsonString(),
    };
}
