using System.Text.Json.Nodes;

namespace RealTimeMesh.Testing.DeltaLogs;

/// <summary>The figures of a version's checksum file are those of its state (PROTOCOL.md, "Version Checksum File").</summary>
internal static class ChecksumRules
{
    public static void Check(string path, ReplayedLog state, bool strict, Faults faults)
    {
        void Fault(string field, string found, string expected) => faults.Add(state.Version, $"{Path.GetFileName(path)}, {field}", found, expected);
        if (LogText.Parse(File.ReadAllText(path), out var wrong) is not { } sum)
        {
            Fault("content", wrong, "one JSON object");
            return;
        }

        void Number(string field, long? expected, bool required)
        {
            if (sum[field] is null ? required : sum[field]!.ToJsonString() != $"{expected}")
                Fault(field, Faults.Text(sum[field]), $"{expected}");
        }

        Number("tableSizeBytes", state.Live.Values.Sum(file => file.Whole("size") ?? 0), true);
        Number("numFiles", state.Live.Count, true);
        Number("numMetadata", 1, true);
        Number("numProtocol", 1, true);
        Number("numDeletedRecordsOpt", state.Live.Values.Sum(file => file.Vector?["cardinality"]?.GetValue<long>() ?? 0), false);
        Number("numDeletionVectorsOpt", state.Live.Values.Count(file => file.Vector is not null), false);
        var stamp = state.IsOn("delta.enableInCommitTimestamps") ? state.CommitInfo?.Whole("inCommitTimestamp") : null;
        if (strict || sum["inCommitTimestampOpt"] is not null)
        {
            if (sum["inCommitTimestampOpt"]?.ToString() != stamp?.ToString(System.Globalization.CultureInfo.InvariantCulture))
                Fault("inCommitTimestampOpt", Faults.Text(sum["inCommitTimestampOpt"]), stamp is null ? "none" : $"{stamp}");
        }

        if (sum["txnId"] is { } id && state.CommitInfo?.Text("txnId") is { } committed && id.ToString() != committed)
            Fault("txnId", Faults.Text(id), committed);
        Same("metadata", state.Metadata);
        Same("protocol", state.Protocol);
        Listed("setTransactions", state.Transactions.Values);
        Listed("domainMetadata", state.Domains.Values);
        if (sum["allFiles"] is JsonArray files && files.Count != state.Live.Count)
            Fault("allFiles", $"{files.Count} files", $"{state.Live.Count}");

        void Same(string field, JsonObject? expected)
        {
            // Older writers left both out.
            if (!strict && sum[field] is null)
                return;
            if (sum[field] is not JsonObject found || CheckpointRules.Normal(found) != CheckpointRules.Normal(expected))
                Fault(field, Faults.Text(sum[field]), Faults.Text(expected));
        }

        void Listed(string field, IEnumerable<LogAction> expected)
        {
            if (sum[field] is not JsonArray found)
                return;
            var (left, right) = (found.Select(item => CheckpointRules.Normal(item)).Order(StringComparer.Ordinal), expected.Select(action => CheckpointRules.Normal(action.Body)).Order(StringComparer.Ordinal));
            if (!left.SequenceEqual(right))
                Fault(field, string.Join(" ", left), string.Join(" ", right));
        }
    }
}
