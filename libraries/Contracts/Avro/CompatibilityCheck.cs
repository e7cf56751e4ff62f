namespace RealTimeMesh.Contracts;

/// <summary>One comparison of two schemas. Pairs under comparison count as compatible, which is what makes recursion end.</summary>
internal sealed class CompatibilityCheck(HashSet<(AvroSchema Reader, AvroSchema Writer)> failed)
{
    private readonly HashSet<(AvroSchema Reader, AvroSchema Writer)> _failed = failed;
    private readonly HashSet<(AvroSchema Reader, AvroSchema Writer)> _visited = [];
    private readonly List<SchemaIncompatibility> _found = [];

    public IReadOnlyList<SchemaIncompatibility> Found => _found;

    public void Compare(AvroSchema reader, AvroSchema writer, string path)
    {
        if (!_visited.Add((reader, writer)))
            return;

        if (writer is AvroUnion writers)
            CompareWriterUnion(reader, writers, path);
        else if (reader is AvroUnion readers)
            CompareReaderUnion(readers, writer, path);
        else if (reader.Kind == writer.Kind)
            CompareSame(reader, writer, path);
        else if (!Promotes(writer.Kind, reader.Kind))
            Add("TYPE_MISMATCH", path, $"The type (path '{Show(path)}') of a field in the new schema does not match with the old schema: reader type {reader} cannot read writer type {writer}");
    }

    private void CompareWriterUnion(AvroSchema reader, AvroUnion writers, string path)
    {
        var readers = reader as AvroUnion;
        for (var i = 0; i < writers.Branches.Count; i++)
        {
            var branch = writers.Branches[i];
            if (readers is not null)
                CompareReaderUnion(readers, branch, $"{path}/{i}");
            else
                Compare(reader, branch, $"{path}/{i}");
        }
    }

    private void CompareReaderUnion(AvroUnion readers, AvroSchema writer, string path)
    {
        foreach (var branch in readers.Branches)
        {
            if (Reads(branch, writer))
                return;
        }

        // A record of the same name is what was meant: its own reasons say more than "no branch fits".
        var meant = readers.Branches.FirstOrDefault(branch => branch.Kind == writer.Kind
            && branch is AvroNamed named && SchemaCompatibility.SameName(named, (AvroNamed)writer));
        if (meant is not null)
            Compare(meant, writer, path);
        else
            Add("MISSING_UNION_BRANCH", path, $"The new schema is missing a type inside a union field at path '{Show(path)}' in the old schema: reader union lacks writer type {writer}");
    }

    /// <summary>
    /// Tries a branch on its own. Pairs of a try that succeeds stay remembered; those of one that fails are forgotten,
    /// but for the fact that this pair fails. Without both memories schemas that name each other take exponential time.
    /// </summary>
    private bool Reads(AvroSchema reader, AvroSchema writer)
    {
        if (_visited.Contains((reader, writer)))
            return true;

        if (_failed.Contains((reader, writer)))
            return false;

        var trial = new CompatibilityCheck(_failed);
        // Only types with parts can lead back to a pair under comparison.
        if (writer.Kind is AvroKind.Record or AvroKind.Array or AvroKind.Map)
            trial._visited.UnionWith(_visited);

        trial.Compare(reader, writer, "");
        if (trial._found.Count == 0)
        {
            _visited.UnionWith(trial._visited);
            return true;
        }

        // It failed although every pair under comparison was taken for compatible: it always fails.
        _failed.Add((reader, writer));
        return false;
    }

    private void CompareSame(AvroSchema reader, AvroSchema writer, string path)
    {
        switch (reader, writer)
        {
            case (AvroArray readerArray, AvroArray writerArray):
                Compare(readerArray.Items, writerArray.Items, path + "/items");
                break;
            case (AvroMap readerMap, AvroMap writerMap):
                Compare(readerMap.Values, writerMap.Values, path + "/values");
                break;
            case (AvroFixed readerFixed, AvroFixed writerFixed):
                if (CompareNames(readerFixed, writerFixed, path) && readerFixed.Size != writerFixed.Size)
                    Add("FIXED_SIZE_MISMATCH", path + "/size", $"The size of FIXED type field at path '{Show(path)}/size' in the new schema does not match with the old schema: expected {writerFixed.Size}, found {readerFixed.Size}");

                CompareDecimals(reader, writer, path);
                break;
            case (AvroEnum readerEnum, AvroEnum writerEnum):
                CompareEnums(readerEnum, writerEnum, path);
                break;
            case (AvroRecord readerRecord, AvroRecord writerRecord):
                if (CompareNames(readerRecord, writerRecord, path))
                    CompareFields(readerRecord, writerRecord, path);

                break;
            default:
                CompareDecimals(reader, writer, path);
                break;
        }
    }

    /// <summary>The specification lets two decimals match only with the same scale; bytes of another scale would be read as another number.</summary>
    private void CompareDecimals(AvroSchema reader, AvroSchema writer, string path)
    {
        if (reader.LogicalType == "decimal" && writer.LogicalType == "decimal" && (reader.Scale != writer.Scale || reader.Precision < writer.Precision))
            Add("TYPE_MISMATCH", path, $"The decimal at path '{Show(path)}' changed from ({writer.Precision},{writer.Scale}) to ({reader.Precision},{reader.Scale}): expected the same scale and no smaller precision");
    }

    private bool CompareNames(AvroNamed reader, AvroNamed writer, string path)
    {
        if (SchemaCompatibility.SameName(reader, writer))
            return true;

        Add("NAME_MISMATCH", path + "/name", $"The name of the schema has changed (path '{Show(path)}/name'): expected {writer.FullName}, found {reader.FullName}");
        return false;
    }

    private void CompareEnums(AvroEnum reader, AvroEnum writer, string path)
    {
        if (!CompareNames(reader, writer, path) || reader.Default is not null)
            return;

        var missing = writer.Symbols.Except(reader.Symbols, StringComparer.Ordinal).ToArray();
        if (missing.Length > 0)
            Add("MISSING_ENUM_SYMBOLS", path + "/symbols", $"The new schema is missing enum symbols '[{string.Join(", ", missing)}]' at path '{Show(path)}/symbols' in the old schema");
    }

    private void CompareFields(AvroRecord reader, AvroRecord writer, string path)
    {
        var written = writer.Fields.ToDictionary(field => field.Name, StringComparer.Ordinal);
        for (var i = 0; i < reader.Fields.Count; i++)
        {
            var field = reader.Fields[i];
            var place = $"{path}/fields/{i}";
            var match = written.GetValueOrDefault(field.Name)
                ?? field.Aliases.Select(alias => written.GetValueOrDefault(alias)).FirstOrDefault(other => other is not null);
            if (match is not null)
                Compare(field.Schema, match.Schema, place + "/type");
            else if (field.Default is null)
                Add("READER_FIELD_MISSING_DEFAULT_VALUE", place, $"The field '{field.Name}' at path '{place}' in the new schema has no default value and is missing in the old schema");
        }
    }

    private static bool Promotes(AvroKind writer, AvroKind reader) => (writer, reader) switch
    {
        (AvroKind.Int, AvroKind.Long or AvroKind.Float or AvroKind.Double) => true,
        (AvroKind.Long, AvroKind.Float or AvroKind.Double) => true,
        (AvroKind.Float, AvroKind.Double) => true,
        (AvroKind.String, AvroKind.Bytes) => true,
        (AvroKind.Bytes, AvroKind.String) => true,
        _ => false,
    };

    private void Add(string type, string path, string description) => _found.Add(new SchemaIncompatibility(type, Show(path), description));

    private static string Show(string path) => path.Length == 0 ? "/" : path;
}
