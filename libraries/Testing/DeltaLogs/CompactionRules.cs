using System.Text.Json.Nodes;

namespace RealTimeMesh.Testing.DeltaLogs;

/// <summary>A log compaction holds what its commits come to (PROTOCOL.md, "Log Compaction Files").</summary>
internal sealed class CompactionRules(LogFiles files, LogValidation options, Faults faults)
{
    private readonly Dictionary<long, IReadOnlyList<LogAction>> _commits = [];

    /// <summary>Remembers a commit while a compaction needs it.</summary>
    public void Take(long version, IReadOnlyList<LogAction> actions)
    {
        if (files.Compactions.Exists(file => file.From <= version && version <= file.To))
            _commits[version] = actions;
    }

    public void Check(long version, ReplayedLog state)
    {
        foreach (var (from, to, path) in files.Compactions.Where(file => file.To == version))
        {
            void Fault(string subject, string found, string expected) => faults.Add(version, $"{Path.GetFileName(path)}, {subject}", found, expected);
            if (to <= from)
                Fault("name", $"{from} to {to}", "an end after the start");
            var expected = new Dictionary<string, LogAction>(StringComparer.Ordinal);
            for (var commit = from; commit <= to; commit++)
            {
                // Older commits may have been cleaned up.
                if (!_commits.TryGetValue(commit, out var actions))
                    return;
                foreach (var action in actions.Where(action => action.Name is not ("commitInfo" or "cdc")))
                    expected[Key(action)] = action;
            }

            Compare(LogText.Read(path, options.Strict, Fault), expected, Fault);
        }

        foreach (var old in _commits.Keys.Where(commit => !files.Compactions.Exists(file => file.To > version && file.From <= commit)).ToList())
            _commits.Remove(old);
    }

    private static void Compare(IReadOnlyList<LogAction> found, Dictionary<string, LogAction> expected, Action<string, string, string> fault)
    {
        var seen = new HashSet<string>(StringComparer.Ordinal);
        foreach (var action in found)
        {
            if (!seen.Add(Key(action)))
                fault(action.Subject, "it twice", "reconciled actions");
            else if (!expected.TryGetValue(Key(action), out var other) || other.Name != action.Name)
                fault(action.Subject, "it", "none, by the commits");
            else if (CheckpointRules.Normal(Bare(action)) != CheckpointRules.Normal(Bare(other)))
                fault(action.Subject, Faults.Text(action.Body), Faults.Text(other.Body));
        }

        foreach (var missing in expected.Where(item => !seen.Contains(item.Key)))
            fault(missing.Value.Subject, "none", "it, by the commits");
    }

    private static string Key(LogAction action) => action.Name is "add" or "remove" ? $"file {action.Key}" : action.Subject;

    /// <summary>Without the flag, which writers set to false where rows were there already.</summary>
    private static JsonObject Bare(LogAction action)
    {
        var copy = (JsonObject)action.Body.DeepClone();
        copy.Remove("dataChange");
        if (action.Name == "remove")
            copy.Remove("stats");
        return copy;
    }
}
