namespace RealTimeMesh.Contracts.Values;

/// <summary>Which field of a reader's record takes which field of the writer's: by name, else by the reader's aliases.</summary>
internal sealed class FieldMatch
{
    private readonly int[] _readers;

    private FieldMatch(int[] readers, IReadOnlyList<int> missing) => (_readers, Missing) = (readers, missing);

    /// <summary>Fields of the reader that the writer does not have.</summary>
    public IReadOnlyList<int> Missing { get; }

    /// <summary>The reader's field of a writer's field; -1 where it has none.</summary>
    public int ReaderOf(int writer) => _readers[writer];

    public static FieldMatch Of(AvroRecord writer, AvroRecord reader)
    {
        var readers = new int[writer.Fields.Count];
        Array.Fill(readers, -1);
        var byName = new Dictionary<string, int>(StringComparer.Ordinal);
        for (var i = 0; i < writer.Fields.Count; i++)
            byName[writer.Fields[i].Name] = i;

        var open = new List<int>();
        for (var i = 0; i < reader.Fields.Count; i++)
        {
            if (byName.TryGetValue(reader.Fields[i].Name, out var found))
                readers[found] = i;
            else
                open.Add(i);
        }

        var missing = new List<int>();
        foreach (var i in open)
        {
            var alias = reader.Fields[i].Aliases.FirstOrDefault(name => byName.TryGetValue(name, out var at) && readers[at] < 0);
            if (alias is null)
                missing.Add(i);
            else
                readers[byName[alias]] = i;
        }

        return new FieldMatch(readers, missing);
    }
}
