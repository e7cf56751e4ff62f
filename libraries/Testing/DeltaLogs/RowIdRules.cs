using System.Text.Json;
using System.Text.Json.Nodes;

namespace RealTimeMesh.Testing.DeltaLogs;

/// <summary>Row ids (PROTOCOL.md, "Row Tracking"): given once, above the mark, kept when a path comes back.</summary>
internal sealed class RowIdRules(Faults faults)
{
    private readonly Dictionary<string, (long? Id, long? Version)> _ofPath = new(StringComparer.Ordinal);
    private long _mark = -1;

    /// <summary>After the commit was applied.</summary>
    public void Check(ReplayedLog state, IReadOnlyList<LogAction> actions)
    {
        if (!state.WriterFeatures.Contains("rowTracking") || state.IsOn("delta.rowTrackingSuspended"))
            return;
        void Fault(string subject, string found, string expected) => faults.Add(state.Version, subject, found, expected);
        var highest = _mark;
        foreach (var add in actions.Where(action => action.Name == "add"))
        {
            var (id, version) = (add.Whole("baseRowId"), add.Whole("defaultRowCommitVersion"));
            if (id is null || version is null)
            {
                Fault(add.Subject, $"baseRowId {id}, defaultRowCommitVersion {version}", "both: the table has feature rowTracking");
                continue;
            }

            if (_ofPath.TryGetValue(add.Path, out var old) && old.Id is not null)
            {
                if (old != (id, version))
                    Fault(add.Subject, $"baseRowId {id}, defaultRowCommitVersion {version}", $"{old.Id} and {old.Version} of the last add of the path");
            }
            else
            {
                if (id <= _mark)
                    Fault(add.Subject, $"baseRowId {id}", $"one above the mark {_mark}");
                if (version != state.Version)
                    Fault(add.Subject, $"defaultRowCommitVersion {version}", $"{state.Version}");
            }

            _ofPath[add.Path] = (id, version);
            highest = Math.Max(highest, id.Value + (Rows(add) ?? 1) - 1);
        }

        foreach (var remove in actions.Where(action => action.Name == "remove"))
        {
            if (_ofPath.TryGetValue(remove.Path, out var old) && old != (remove.Whole("baseRowId"), remove.Whole("defaultRowCommitVersion")))
                Fault(remove.Subject, $"baseRowId {remove.Whole("baseRowId")}, defaultRowCommitVersion {remove.Whole("defaultRowCommitVersion")}", $"{old.Id} and {old.Version} of the file");
        }

        var mark = Mark(state);
        if (mark < highest)
            Fault("domainMetadata 'delta.rowTracking'", $"rowIdHighWaterMark {mark}", $"{highest} or more");
        if (mark < _mark)
            Fault("domainMetadata 'delta.rowTracking'", $"rowIdHighWaterMark {mark}", $"no less than {_mark} before");
        _mark = Math.Max(_mark, Math.Max(mark, highest));
        Overlap(state, actions, Fault);
        if (state.IsOn("delta.enableRowTracking"))
            Columns(state, actions, Fault);
    }

    private static long Mark(ReplayedLog state)
    {
        try
        {
            return state.Domains.TryGetValue("delta.rowTracking", out var domain) && JsonNode.Parse(domain.Text("configuration") ?? "{}")?["rowIdHighWaterMark"] is JsonValue value ? value.GetValue<long>() : -1;
        }
        catch (JsonException)
        {
            return -1;
        }
    }

    private static void Overlap(ReplayedLog state, IReadOnlyList<LogAction> actions, Action<string, string, string> fault)
    {
        if (!actions.Any(action => action.Name == "add"))
            return;
        LogAction? last = null;
        foreach (var file in state.Live.Values.Where(file => file.Whole("baseRowId") is not null).OrderBy(file => file.Whole("baseRowId")))
        {
            if (last is not null && last.Whole("baseRowId") + (Rows(last) ?? 1) > file.Whole("baseRowId"))
                fault(file.Subject, $"baseRowId {file.Whole("baseRowId")}", $"one above the {Rows(last)} rows from {last.Whole("baseRowId")} of {last.Subject}");
            last = file;
        }
    }

    private static void Columns(ReplayedLog state, IReadOnlyList<LogAction> actions, Action<string, string, string> fault)
    {
        if (!actions.Any(action => action.Name == "metaData"))
            return;
        var names = new[] { "delta.rowTracking.materializedRowIdColumnName", "delta.rowTracking.materializedRowCommitVersionColumnName" };
        foreach (var property in names.Where(property => state.Property(property) is not { Length: > 0 } name || state.Schema.Any(field => field.Name == name || field.Physical[^1] == name)))
            fault("metaData.configuration", $"{property} {state.Property(property) ?? "absent"}", "the name of no other column: delta.enableRowTracking is true");
        if (state.Live.Values.FirstOrDefault(file => file.Whole("baseRowId") is null) is { } without)
            fault(without.Subject, "no baseRowId", "one on every file: delta.enableRowTracking is true");
    }

    private static long? Rows(LogAction file) => FileStatistics.Parse(file)?["numRecords"] is JsonValue value && value.TryGetValue<long>(out var rows) ? rows : null;
}
