using System.Text.Json;
using System.Text.Json.Nodes;

namespace RealTimeMesh.Testing.DeltaLogs;

/// <summary>What holds for the actions of one commit, and of them against the version before.</summary>
internal sealed class CommitRules(Faults faults, bool strict)
{
    private readonly HashSet<string> _txnIds = new(StringComparer.Ordinal);
    private long? _lastTimestamp;

    /// <summary>Before the commit is applied: <paramref name="state"/> is the version before.</summary>
    public void Check(long version, IReadOnlyList<LogAction> actions, ReplayedLog state)
    {
        void Fault(string subject, string found, string expected) => faults.Add(version, subject, found, expected);
        foreach (var action in actions)
        {
            if (ActionShape.IsKnown(action.Name))
                ActionShape.Check(action.Name, action.Body, strict, false, (field, found, expected) => Fault($"{action.Subject}, {field}", found, expected));
            else if (strict && action.Name != "commitInfo")
                Fault(action.Name, "an unknown action", string.Join(", ", ActionShape.Names));
            if (action.Name is "sidecar" or "checkpointMetadata")
                Fault(action.Subject, "it in a commit", "it in V2 checkpoints only");
        }

        Unique(actions, Fault);
        if (version == 0 && (!actions.Any(action => action.Name == "metaData") || !actions.Any(action => action.Name == "protocol")))
            Fault("commit", string.Join(", ", actions.Select(action => action.Name).Distinct()), "metaData and protocol in the first version");
        Against(actions, state, Fault);
        if (strict)
            Info(version, actions, Fault);
    }

    /// <summary>After it was applied.</summary>
    public void CheckAfter(long version, IReadOnlyList<LogAction> actions, ReplayedLog state, bool wasStamped)
    {
        void Fault(string subject, string found, string expected) => faults.Add(version, subject, found, expected);
        if (state.IsOn("delta.appendOnly") && actions.FirstOrDefault(action => action is { Name: "remove", IsDataChange: true }) is { } remove)
            Fault(remove.Subject, "dataChange true", "no removed rows: delta.appendOnly is true");
        foreach (var change in actions.Where(action => action.Name == "cdc"))
        {
            if (!change.Path.StartsWith("_change_data/", StringComparison.Ordinal))
                Fault(change.Subject, change.Path, "a path in _change_data");
            if (change.IsDataChange)
                Fault(change.Subject, "dataChange true", "false");
            if (!state.IsOn("delta.enableChangeDataFeed"))
                Fault(change.Subject, "a change file", "none where delta.enableChangeDataFeed is not true");
        }

        Stamps(version, actions, state, wasStamped, Fault);
    }

    private static void Unique(IReadOnlyList<LogAction> actions, Action<string, string, string> fault)
    {
        foreach (var name in new[] { "metaData", "protocol", "commitInfo" })
        {
            if (actions.Count(action => action.Name == name) is > 1 and var count)
                fault(name, $"{count} of them", "at most one in a commit");
        }

        foreach (var twice in actions.Where(action => action.Name is "add" or "remove" or "cdc").GroupBy(action => (action.Name, action.Path)).Where(group => group.Count() > 1))
            fault(twice.First().Subject, $"{twice.Count()} actions", "one of each kind for a path");
        foreach (var twice in actions.Where(action => action.Name is "txn" or "domainMetadata").GroupBy(action => action.Subject).Where(group => group.Count() > 1))
            fault(twice.Key, $"{twice.Count()} actions", "one");
        var added = actions.Where(action => action.Name == "add").Select(action => action.Key).ToHashSet(StringComparer.Ordinal);
        foreach (var both in actions.Where(action => action.Name == "remove" && added.Contains(action.Key)))
            fault(both.Subject, "an add of the same path and vector", "only one of them");
    }

    private void Against(IReadOnlyList<LogAction> actions, ReplayedLog state, Action<string, string, string> fault)
    {
        var removed = actions.Where(action => action.Name == "remove").Select(action => action.Key).ToHashSet(StringComparer.Ordinal);
        var paths = actions.Any(action => action.Name == "add") ? state.Live.Values.ToLookup(action => action.Path, StringComparer.Ordinal) : null;
        foreach (var add in actions.Where(action => action.Name == "add"))
        {
            foreach (var other in paths![add.Path].Where(live => live.Key != add.Key && !removed.Contains(live.Key)))
                fault(add.Subject, $"{other.Subject} live beside it", "a remove of that in the same commit");
        }

        if (!strict)
            return;
        // Files that were there may be committed again, to tell more of them.
        var files = actions.Where(action => action.Name is "add" or "remove").ToList();
        if (removed.Count == 0 && files.Find(file => !file.IsDataChange && !state.Live.ContainsKey(file.Key)) is { } rearranged)
            fault(rearranged.Subject, "dataChange false without removes", "the rows of removed files");
        foreach (var remove in actions.Where(action => action.Name == "remove"))
        {
            if (!state.Live.TryGetValue(remove.Key, out var live))
                fault(remove.Subject, "no such live file", "a live file with the same deletion vector");
            else if (remove.Flag("extendedFileMetadata") != true || remove.Whole("size") != live.Whole("size") || !JsonNode.DeepEquals(remove.Body["partitionValues"], live.Body["partitionValues"]))
                fault(remove.Subject, Faults.Text(remove.Body), "extendedFileMetadata with the size and partition values of the file");
            if (remove.Whole("deletionTimestamp") is null)
                fault(remove.Subject, "no deletionTimestamp", "one");
        }

        foreach (var domain in actions.Where(action => action.Name == "domainMetadata" && action.Flag("removed") == true))
        {
            if (!state.Domains.ContainsKey(domain.Text("domain") ?? ""))
                fault(domain.Subject, "its removal", "a domain that is there");
        }
    }

    private void Info(long version, IReadOnlyList<LogAction> actions, Action<string, string, string> fault)
    {
        if (actions.FirstOrDefault(action => action.Name == "commitInfo") is not { } info)
        {
            fault("commitInfo", "none", "who committed what");
            return;
        }

        Need(info, "timestamp", FieldKind.Whole, fault);
        Need(info, "operation", FieldKind.Text, fault);
        Need(info, "operationParameters", FieldKind.TextMap, fault);
        Need(info, "operationMetrics", FieldKind.TextMap, fault);
        Need(info, "isBlindAppend", FieldKind.Flag, fault);
        Need(info, "engineInfo", FieldKind.Text, fault);
        Need(info, "txnId", FieldKind.Text, fault);
        if (info.Text("txnId") is { } id && !_txnIds.Add(id))
            fault("commitInfo.txnId", id, "one that no other commit has");
        if (info.Whole("readVersion") >= version)
            fault("commitInfo.readVersion", $"{info.Whole("readVersion")}", $"less than {version}");
        if (info.Flag("isBlindAppend") == true && actions.FirstOrDefault(action => action.Name is "remove" or "cdc") is { } other)
            fault("commitInfo.isBlindAppend", $"true with {other.Subject}", "true for appends only");
    }

    private static void Need(LogAction info, string field, FieldKind kind, Action<string, string, string> fault)
    {
        if (info.Body[field] is not { } value || !ActionShape.Fits(value, kind))
            fault($"commitInfo.{field}", Faults.Text(info.Body[field]), kind.ToString());
    }

    private void Stamps(long version, IReadOnlyList<LogAction> actions, ReplayedLog state, bool wasStamped, Action<string, string, string> fault)
    {
        if (!state.IsOn("delta.enableInCommitTimestamps"))
        {
            _lastTimestamp = null;
            return;
        }

        if (actions.Count == 0 || actions[0].Name != "commitInfo" || actions[0].Whole("inCommitTimestamp") is not { } stamp)
        {
            fault("commitInfo", actions.Count == 0 ? "no action" : Faults.Text(actions[0].Body), "inCommitTimestamp in the first action: delta.enableInCommitTimestamps is true");
            return;
        }

        if (stamp <= _lastTimestamp)
            fault("commitInfo.inCommitTimestamp", $"{stamp}", $"more than the {_lastTimestamp} of the version before");
        _lastTimestamp = stamp;
        if (wasStamped || version == 0)
            return;
        if (state.Property("delta.inCommitTimestampEnablementVersion") != $"{version}" || state.Property("delta.inCommitTimestampEnablementTimestamp") != $"{stamp}")
            fault("metaData.configuration", $"delta.inCommitTimestampEnablementVersion {state.Property("delta.inCommitTimestampEnablementVersion")}, …Timestamp {state.Property("delta.inCommitTimestampEnablementTimestamp")}", $"{version} and {stamp}, of the commit that enabled them");
    }
}
