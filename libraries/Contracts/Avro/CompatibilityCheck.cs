using System.Runtime.CompilerServices;

namespace RealTimeMesh.Contracts;

/// <summary>
/// One comparison of two schemas. Pairs under comparison count as compatible, which is what makes recursion end.
/// Types, places and texts are those of Avro's own checker, which registries pass on.
/// </summary>
internal sealed class CompatibilityCheck
{
    private const int IndexedBranches = 16;

    // A record of thousands of fields that all changed is refused all the same.
    private const int MostReasons = 1000;

    private readonly HashSet<(AvroSchema Reader, AvroSchema Writer)> _failed = [];
    private readonly HashSet<(AvroSchema Reader, AvroSchema Writer)> _visited = [];
    private readonly List<(AvroSchema Reader, AvroSchema Writer)> _journal = [];
    private readonly List<SchemaIncompatibility> _found = [];
    private readonly Dictionary<AvroUnion, ILookup<string, AvroSchema>> _byName = [];

    // Within a try of a union's branch the first reason is enough, and is not kept.
    private int _trials;
    private bool _trialFailed;

    public IReadOnlyList<SchemaIncompatibility> Found => _found;

    public void Compare(AvroSchema reader, AvroSchema writer, string path)
    {
        // Types without parts and names are told apart at a glance; remembering millions of such pairs takes longer.
        if (reader is AvroPrimitive && writer is AvroPrimitive)
        {
            if (_trialFailed || _found.Count >= MostReasons)
                return;

            if (reader.Kind == writer.Kind)
                CompareDecimals(reader, writer, path);
            else if (!Promotes(writer.Kind, reader.Kind))
                Mismatch(reader, writer, path);
            return;
        }

        if (_trials > 0 && (_trialFailed || _failed.Contains((reader, writer))))
        {
            _trialFailed = true;
            return;
        }

        if (_found.Count >= MostReasons || !_visited.Add((reader, writer)))
            return;

        // Names make chains of types far longer than any nesting.
        if (!RuntimeHelpers.TryEnsureSufficientExecutionStack())
            throw new ContractException("schema: found a chain of types too long to compare; expected a shallower schema. Split it.");

        _journal.Add((reader, writer));
        if (writer is AvroUnion writers)
            CompareWriterUnion(reader, writers, path);
        else if (reader is AvroUnion readers)
            CompareReaderUnion(readers, writer, path);
        else if (reader.Kind == writer.Kind)
            CompareSame(reader, writer, path);
        else if (!Promotes(writer.Kind, reader.Kind))
            Mismatch(reader, writer, path);
    }

    private void CompareWriterUnion(AvroSchema reader, AvroUnion writers, string path)
    {
        for (var i = 0; i < writers.Branches.Count && _found.Count < MostReasons; i++)
        {
            if (reader is AvroUnion readers)
                CompareReaderUnion(readers, writers.Branches[i], $"{path}/{i}");
            else
                Compare(reader, writers.Branches[i], path);
        }
    }

    private void CompareReaderUnion(AvroUnion readers, AvroSchema writer, string path)
    {
        foreach (var branch in Candidates(readers, writer))
        {
            if (Reads(branch, writer))
                return;
        }

        Add("MISSING_UNION_BRANCH", path, $"The {{reader}} schema is missing a type inside a union field at path '{Show(path)}' in the {{writer}} schema", $"reader union lacking writer type: {Name(writer)}");
    }

    /// <summary>
    /// Tries a branch on its own. Pairs of a try that succeeds stay remembered; those of one that fails are forgotten,
    /// but for the fact that this pair fails. Without both memories schemas that name each other take exponential time.
    /// </summary>
    private bool Reads(AvroSchema reader, AvroSchema writer)
    {
        if (CannotMatch(reader, writer))
            return false;

        if (_visited.Contains((reader, writer)))
            return true;

        if (_failed.Contains((reader, writer)))
            return false;

        var (mark, outer) = (_journal.Count, _trialFailed);
        _trials++;
        _trialFailed = false;
        Compare(reader, writer, "");
        var reads = !_trialFailed;
        _trials--;
        _trialFailed = outer;
        if (reads)
            return true;

        for (var i = mark; i < _journal.Count; i++)
            _visited.Remove(_journal[i]);

        _journal.RemoveRange(mark, _journal.Count - mark);
        // It failed although every pair under comparison was taken for compatible: it always fails.
        _failed.Add((reader, writer));
        return false;
    }

    /// <summary>The branches that a type could be read by: in a union of thousands they are found by their names.</summary>
    private IEnumerable<AvroSchema> Candidates(AvroUnion readers, AvroSchema writer)
    {
        if (readers.Branches.Count < IndexedBranches || writer is not AvroNamed named)
            return readers.Branches;

        if (!_byName.TryGetValue(readers, out var index))
        {
            index = readers.Branches.OfType<AvroNamed>()
                .SelectMany(branch => branch.Aliases.Append(branch.Name), (branch, name) => (name, branch))
                .ToLookup(pair => pair.name, pair => (AvroSchema)pair.branch, StringComparer.Ordinal);
            _byName.Add(readers, index);
        }

        return index[named.Name].Concat(index[named.FullName]);
    }

    /// <summary>What a look at the two types alone tells.</summary>
    private static bool CannotMatch(AvroSchema reader, AvroSchema writer)
    {
        if (reader.Kind == AvroKind.Union || writer.Kind == AvroKind.Union)
            return false;

        return reader.Kind == writer.Kind
            ? reader is AvroNamed named && !SchemaCompatibility.SameName(named, (AvroNamed)writer)
            : !Promotes(writer.Kind, reader.Kind);
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
                CompareNames(readerFixed, writerFixed, path);
                if (readerFixed.Size != writerFixed.Size)
                    Add("FIXED_SIZE_MISMATCH", path + "/size", $"The size of FIXED type field at path '{path}/size' in the {{reader}} schema does not match with the {{writer}} schema", $"expected: {writerFixed.Size}, found: {readerFixed.Size}");

                CompareDecimals(reader, writer, path);
                break;
            case (AvroEnum readerEnum, AvroEnum writerEnum):
                CompareEnums(readerEnum, writerEnum, path);
                break;
            case (AvroRecord readerRecord, AvroRecord writerRecord):
                CompareNames(readerRecord, writerRecord, path);
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
            Add("TYPE_MISMATCH", path, MismatchSentence(path), $"reader type: decimal({reader.Precision},{reader.Scale}) not compatible with writer type: decimal({writer.Precision},{writer.Scale})");
    }

    private void CompareNames(AvroNamed reader, AvroNamed writer, string path)
    {
        if (!SchemaCompatibility.SameName(reader, writer))
            Add("NAME_MISMATCH", path + "/name", $"The name of the schema has changed (path '{path}/name')", $"expected: {writer.FullName}");
    }

    private void CompareEnums(AvroEnum reader, AvroEnum writer, string path)
    {
        CompareNames(reader, writer, path);
        if (reader.Default is not null)
            return;

        string[] missing = [.. writer.Symbols.Except(reader.Symbols, StringComparer.Ordinal).Order(StringComparer.Ordinal)];
        if (missing.Length == 0)
            return;

        var list = $"[{string.Join(", ", missing)}]";
        Add("MISSING_ENUM_SYMBOLS", path + "/symbols", $"The {{reader}} schema is missing enum symbols '{list}' at path '{path}/symbols' in the {{writer}} schema", list);
    }

    private void CompareFields(AvroRecord reader, AvroRecord writer, string path)
    {
        var written = writer.Fields.ToDictionary(field => field.Name, StringComparer.Ordinal);
        for (var i = 0; i < reader.Fields.Count && _found.Count < MostReasons; i++)
        {
            var field = reader.Fields[i];
            var place = $"{path}/fields/{i}";
            var match = written.GetValueOrDefault(field.Name)
                ?? field.Aliases.Select(alias => written.GetValueOrDefault(alias)).FirstOrDefault(other => other is not null);
            if (match is not null)
                Compare(field.Schema, match.Schema, place + "/type");
            else if (field.Default is null)
                Add("READER_FIELD_MISSING_DEFAULT_VALUE", place, $"The field '{field.Name}' at path '{place}' in the {{reader}} schema has no default value and is missing in the {{writer}} schema", field.Name);
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

    private void Mismatch(AvroSchema reader, AvroSchema writer, string path) =>
        Add("TYPE_MISMATCH", path, MismatchSentence(path), $"reader type: {Name(reader)} not compatible with writer type: {Name(writer)}");

    private static string MismatchSentence(string path) =>
        $"The type (path '{Show(path)}') of a field in the {{reader}} schema does not match with the {{writer}} schema";

    private void Add(string type, string path, string sentence, string detail)
    {
        if (_trials > 0)
            _trialFailed = true;
        else
            _found.Add(new SchemaIncompatibility(type, Show(path), sentence, detail));
    }

    private static string Name(AvroSchema schema) => schema.Kind.ToString().ToUpperInvariant();

    private static string Show(string path) => path.Length == 0 ? "/" : path;
}
