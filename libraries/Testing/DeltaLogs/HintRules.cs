using System.Text.Json.Nodes;

namespace RealTimeMesh.Testing.DeltaLogs;

/// <summary>The hint on the last checkpoint (PROTOCOL.md, "Last Checkpoint File").</summary>
internal static class HintRules
{
    public static void Check(LogFiles files, LogValidation options, Faults faults)
    {
        var path = Path.Combine(files.Folder, "_last_checkpoint");
        if (!File.Exists(path))
        {
            if (options.Strict && files.Checkpoints.Count > 0)
                faults.Add(-1, "_last_checkpoint", "none", $"the hint on checkpoint {files.Checkpoints.Keys.Last()}");
            return;
        }

        void Fault(string field, string found, string expected) => faults.Add(-1, $"_last_checkpoint, {field}", found, expected);
        if (LogText.Parse(File.ReadAllText(path), out var wrong) is not { } hint)
        {
            Fault("content", wrong, "one JSON object");
            return;
        }

        if (hint["version"] is not JsonValue value || !value.TryGetValue<long>(out var version) || !files.Checkpoints.TryGetValue(version, out var checkpoints))
        {
            Fault("version", Faults.Text(hint["version"]), $"one of {string.Join(", ", files.Checkpoints.Keys)}");
            return;
        }

        var parts = hint["parts"]?.GetValue<int>() ?? 1;
        if (checkpoints.Find(paths => paths.Count == parts) is not { } found)
        {
            Fault("parts", $"{parts}", string.Join(", ", checkpoints.Select(paths => paths.Count)));
            return;
        }

        Figures(hint, found, version, files, options, Fault);
    }

    private static void Figures(JsonObject hint, IReadOnlyList<string> paths, long version, LogFiles files, LogValidation options, Action<string, string, string> fault)
    {
        var isOnly = files.Checkpoints[version].Count == 1;
        if (options.Strict && isOnly && hint["v2Checkpoint"]?["path"] is { } name && name.ToString() != Path.GetFileName(paths[0]))
            fault("v2Checkpoint.path", name.ToString(), Path.GetFileName(paths[0]));
        if (options.Parquet is null || new CheckpointRules(files.Folder, options, new Faults()).Read(version, paths) is not { } actions)
            return;
        // With sidecars some writers count their actions, others the top file's only.
        var (all, adds) = (actions.Count, actions.Count(action => action.Name == "add"));
        var top = actions.Count(action => action.Name is not ("add" or "remove"));
        if (isOnly && hint["size"] is JsonValue size && size.GetValue<long>() is var count && count != all && count != top && count != all - actions.Count(action => action.Name is "checkpointMetadata" or "sidecar"))
            fault("size", $"{count}", $"{all} actions");
        if (isOnly && hint["numOfAddFiles"] is JsonValue files2 && files2.GetValue<long>() != adds)
            fault("numOfAddFiles", $"{files2}", $"{adds}");
        var bytes = paths.Sum(path => new FileInfo(path).Length);
        if (options.Strict && isOnly && hint["sizeInBytes"] is JsonValue length && length.GetValue<long>() != bytes)
            fault("sizeInBytes", $"{length}", $"{bytes}");
    }
}
