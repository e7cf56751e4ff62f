using System.Text.Json.Nodes;

namespace RealTimeMesh.Testing.DeltaLogs;

/// <summary>Data and change files that a commit names: partition values, statistics, deletion vectors, and what stands on the disk.</summary>
internal sealed class FileRules(string table, LogValidation options, Faults faults, FeatureRules features)
{
    private readonly HashSet<string> _measured = new(StringComparer.Ordinal);

    /// <summary>After the commit was applied.</summary>
    public void Check(ReplayedLog state, IReadOnlyList<LogAction> actions)
    {
        foreach (var file in actions.Where(action => action.Name is "add" or "cdc"))
            CheckFile(state, file);
        // New metadata must fit the files that stay.
        if (actions.Any(action => action.Name == "metaData"))
        {
            foreach (var file in state.Live.Values)
                PartitionValues(state, file);
        }
    }

    /// <summary>Whether the live files of the newest version are there.</summary>
    public void CheckThere(ReplayedLog state)
    {
        foreach (var file in state.Live.Values)
        {
            if (!File.Exists(PathOf(file.Path)))
                faults.Add(state.Version, file.Subject, "no such file", "the files of the newest version");
            if (file.Vector is { } vector && VectorFile.PathOf(table, vector) is { } path && !File.Exists(path))
                faults.Add(state.Version, file.Subject, $"no deletion vector {path}", "the files of the newest version");
        }
    }

    private void CheckFile(ReplayedLog state, LogAction file)
    {
        void Fault(string found, string expected) => faults.Add(state.Version, file.Subject, found, expected);
        PartitionValues(state, file);
        if (options.Strict && (file.Text("path") ?? "").Any(c => c is ' ' or '"' or '<' or '>' or '\\' or '^' or '`' or '{' or '|' or '}' or > '~' or < '!'))
            Fault($"path {file.Text("path")}", "a URI-encoded path");
        FileStatistics.Check(file, state, options.Strict, Fault);
        var path = PathOf(file.Path);
        var isThere = File.Exists(path);
        if (isThere && new FileInfo(path).Length is var length && length != file.Whole("size"))
            Fault($"size {file.Whole("size")}", $"the {length} bytes of the file");
        if (file.Vector is { } vector)
            Vector(state, file, vector, Fault);
        if (!isThere || options is not { VerifyData: true, Parquet: { } parquet } || !_measured.Add(file.Key))
            return;
        try
        {
            Measure(state, file, path, parquet, Fault);
        }
        catch (Exception exception) when (exception is not OutOfMemoryException)
        {
            Fault($"a file that cannot be read: {exception.Message}", "a Parquet file with the columns of the statistics");
        }
    }

    private void PartitionValues(ReplayedLog state, LogAction file)
    {
        if (file.Body["partitionValues"] is not JsonObject values)
            return;
        var columns = state.PartitionFields.ToDictionary(field => state.Physical(field)[0], StringComparer.Ordinal);
        if (!values.Select(item => item.Key).Order(StringComparer.Ordinal).SequenceEqual(columns.Keys.Order(StringComparer.Ordinal)))
        {
            faults.Add(state.Version, file.Subject, $"partitionValues {Faults.Text(values)}", $"values of {(columns.Count == 0 ? "no column" : string.Join(", ", columns.Keys))}");
            return;
        }

        foreach (var (name, value) in values)
        {
            if (value is null)
                continue;
            if (value.ToString().Length == 0 ? options.Strict : !PartitionValue.Fits(columns[name].TypeName, value.ToString()))
                faults.Add(state.Version, file.Subject, $"partition value {name} {Faults.Text(value)}", value.ToString().Length == 0 ? "null" : $"a {columns[name].TypeName}");
        }
    }

    private void Vector(ReplayedLog state, LogAction file, JsonObject vector, Action<string, string> fault)
    {
        features.Need(state, "deletionVectors", file.Subject);
        var rows = FileStatistics.Parse(file)?["numRecords"] is JsonValue value && value.TryGetValue<long>(out var count) ? count : (long?)null;
        if (rows is null)
            fault("no numRecords", "them in a file with a deletion vector");
        if (FileStatistics.Parse(file) is { } stats && options.Strict && stats["tightBounds"]?.GetValueKind() != System.Text.Json.JsonValueKind.False)
            fault($"tightBounds {Faults.Text(stats["tightBounds"])} with a deletion vector", "false");
        if (options.Strict && vector["cardinality"]?.GetValue<long>() is { } deleted && (deleted <= 0 || deleted >= rows))
            fault($"a vector of {deleted} of {rows} rows", "some of the rows, not none and not all");
        if (VectorFile.Check(table, vector, rows) is { } wrong)
            fault(wrong.Found, wrong.Expected);
    }

    private void Measure(ReplayedLog state, LogAction file, string path, IParquetFiles parquet, Action<string, string> fault)
    {
        if (file.Name == "cdc")
        {
            var kinds = parquet.CountTexts(path, "_change_type");
            if (kinds.Keys.FirstOrDefault(kind => kind is not ("insert" or "delete" or "update_preimage" or "update_postimage")) is { } unknown)
                fault($"_change_type '{unknown}'", "insert, delete, update_preimage or update_postimage");
            return;
        }

        if (FileStatistics.Parse(file) is not { } stats)
            return;
        var leaves = FileStatistics.Leaves(stats, state).Where(leaf => leaf.Bounds.Type is not ("variant" or "void")).ToList();
        var facts = parquet.Measure(path, [.. leaves.Select(leaf => leaf.Bounds)]);
        if (stats["numRecords"] is JsonValue rows && rows.GetValue<long>() != facts.Rows)
            fault($"numRecords {rows}", $"the {facts.Rows} rows of the file");
        // With wide bounds the count of nulls may be of rows that are deleted by now.
        var isWide = stats["tightBounds"]?.GetValueKind() == System.Text.Json.JsonValueKind.False;
        for (var i = 0; i < leaves.Count; i++)
        {
            var (bounds, nulls) = leaves[i];
            var (column, found) = (string.Join('.', bounds.Path), facts.Columns[i]);
            if (nulls is not null && nulls != found.Nulls && !isWide)
                fault($"nullCount of {column} {nulls}", $"{found.Nulls}, as in the file");
            if (found.Below > 0 || found.Above > 0)
                fault($"bounds of {column} from {bounds.Min} to {bounds.Max}", $"bounds around all values: {found.Below} are below and {found.Above} above");
        }
    }

    private string PathOf(string path) => path.StartsWith("file:", StringComparison.Ordinal) && Uri.TryCreate(path, UriKind.Absolute, out var uri) ? uri.LocalPath : Path.Combine(table, path);
}
