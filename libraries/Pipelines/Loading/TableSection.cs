using RealTimeMesh.Contracts;

namespace RealTimeMesh.Pipelines;

internal sealed class TableSection(PipelineContext context, IReadOnlyList<KeyValuePair<string, YamlElement>> entries)
{
    // What bronze tables have besides the contract's fields.
    private static readonly string[] BronzeColumns = ["_source", "_topic", "_partition", "ingestion_date"];

    private readonly HashSet<string> _names = [.. entries.Select(e => e.Key)];

    /// <summary>The tables, each after those it reads.</summary>
    public IReadOnlyList<TableDefinition> Read()
    {
        foreach (var (name, element) in entries)
        {
            Names.CheckTable(element, name);
            context.Tables[name] = ReadOne(name, element);
        }

        return Sort();
    }

    private TableDefinition? ReadOne(string name, YamlElement element)
    {
        if (element.Map("a mapping with append or sql", "append", "partitionBy", "sql", "merge", "delete", "changes", "expectations", "zorder") is not { } map)
            return null;
        if (map.Has("append") == map.Has("sql"))
        {
            element.Fault(map.Has("sql") ? "append and sql" : "neither append nor sql", "one of the two", "Append a stream, or name a SQL file.");
            return null;
        }

        var partitionBy = map.TryFind("partitionBy", out var p) ? p.Texts("a list of columns") ?? [] : [];
        var merge = map.TryFind("merge", out var m) ? m.Texts("a list of key columns") ?? [] : [];
        if (map.Has("merge") && merge.Count == 0)
            m!.Fault("no keys", "the columns that identify a row", "Name the key columns.");
        var zorder = map.TryFind("zorder", out var z) ? z.Texts("a list of columns") ?? [] : [];
        var table = new TableDefinition { Pipeline = context.Pipeline, Name = name, PartitionBy = partitionBy, Merge = merge, ZOrder = zorder };
        table = map.TryFind("append", out var append) ? ReadAppend(table, map, append) : ReadSql(table, map);
        var suite = map.TryFind("expectations", out var expectations) ? context.Suite(expectations, schema: null) : null;
        return table with { Expectations = suite?.Text, ExpectationsFile = suite?.Path };
    }

    private TableDefinition ReadAppend(TableDefinition table, YamlMap map, YamlElement append)
    {
        foreach (var key in (string[])["merge", "delete", "changes"])
        {
            if (map.TryFind(key, out var value))
                value.Fault($"'{key}' beside append", "a table with sql", $"Remove '{key}'.");
        }

        if (append.Text("a stream") is not { } name)
            return table;
        PipelineContext.TryResolve(append, name, "stream", context.Streams, out var stream);
        if (!context.Schemas.TryGetValue(name, out var schema))
            return table;
        var columns = BronzeColumns.Concat(schema.Fields.Select(f => f.Name)).ToList();
        foreach (var column in table.PartitionBy.Where(c => !columns.Contains(c)))
        {
            var near = Suggestion.For(column, columns);
            map.Entries.First(e => e.Key == "partitionBy").Value.Fault($"the unknown column '{column}'", $"one of {string.Join(", ", columns)}", near is null ? "Correct the name." : $"Did you mean '{near}'?");
        }

        return table with { Append = stream };
    }

    private TableDefinition ReadSql(TableDefinition table, YamlMap map)
    {
        var element = map.Entries.First(e => e.Key == "sql").Value;
        var changes = map.TryFind("changes", out var c) ? c.Text("a table") : null;
        if (changes is not null && !_names.Contains(changes))
            UnknownTable(changes, c!.Fault);
        var delete = map.TryFind("delete", out var d) ? d.Text("a condition over the query's columns, such as \"_op = 'd'\"") : null;
        if (delete is not null && table.Merge.Count == 0)
            d!.Fault("'delete' without merge", "a table whose rows have keys", "Name the key columns under 'merge'.");
        table = table with { Delete = delete };
        if (context.FileText(element, "a SQL file") is not { } file)
            return table with { Changes = changes };
        var sqlFaults = new FaultList(file.Shown);
        var reads = new List<string>();
        foreach (var (name, line) in SqlTables.Find(file.Text))
        {
            reads.Add(name);
            if (!_names.Contains(name) && !context.References.ContainsKey(name))
                UnknownTable(name, (found, expected, cure) => sqlFaults.Add(line, element.Path, found, expected, cure));
        }

        if (reads.Count == 0)
            sqlFaults.Add(1, element.Path, "a query that reads no table", "one that reads a table of this pipeline", "Add a FROM clause.");
        else if (changes is not null && _names.Contains(changes) && !reads.Contains(changes))
            c!.Fault($"'{changes}', which the query does not read", $"one of {string.Join(", ", reads.Where(_names.Contains))}", "Name the table whose new rows drive the build.");
        context.Faults.AddRange(sqlFaults.All);
        return table with { Sql = file.Text, SqlFile = file.Path, Changes = changes, Reads = reads };
    }

    private void UnknownTable(string name, Action<string, string, string> fault)
    {
        var known = _names.Concat(context.References.Keys).ToList();
        var near = Suggestion.For(name, known);
        fault($"the unknown table '{name}'", $"one of {string.Join(", ", known)}", near is null ? "Declare it under tables or references, or correct the name." : $"Did you mean '{near}'?");
    }

    /// <summary>Depth first in the file's order; a way back to a table that is still open is a cycle.</summary>
    private List<TableDefinition> Sort()
    {
        var sorted = new List<TableDefinition>();
        var done = new HashSet<string>(StringComparer.Ordinal);
        var open = new List<string>();
        foreach (var (name, element) in entries)
            Visit(name, element);
        return sorted;

        void Visit(string name, YamlElement element)
        {
            if (open.Contains(name))
            {
                var cycle = string.Join(" → ", open.SkipWhile(o => o != name).Append(name));
                element.Fault($"a cycle: {cycle}", "tables that do not read themselves, not even through others", "Break it in one of the SQL files.");
                return;
            }

            if (done.Contains(name) || context.Tables.GetValueOrDefault(name) is not { } table)
                return;
            open.Add(name);
            foreach (var read in table.Reads.Where(_names.Contains))
                Visit(read, entries.First(e => e.Key == read).Value);
            open.RemoveAt(open.Count - 1);
            done.Add(name);
            sorted.Add(table);
        }
    }
}
