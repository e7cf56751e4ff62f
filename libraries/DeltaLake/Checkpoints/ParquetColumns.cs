using System.Buffers;
using System.Runtime.CompilerServices;
using Parquet;
using Parquet.Meta;
using Parquet.Schema;

namespace RealTimeMesh.DeltaLake;

/// <summary>
/// Columns of one row group of a checkpoint as one value a row, found by name; absent columns count as null. Values are read in
/// their physical form: the library's own times and decimals have a smaller range than Delta's.
/// </summary>
internal sealed class ParquetColumns
{
    private readonly ParquetRowGroupReader _group;
    private readonly IReadOnlyList<ParquetLeaf> _leaves;
    private readonly Dictionary<string, ParquetLeaf> _byPath = new(StringComparer.Ordinal);
    private readonly CancellationToken _cancellationToken;

    public ParquetColumns(IReadOnlyList<ParquetLeaf> leaves, ParquetRowGroupReader group, CancellationToken cancellationToken)
    {
        _group = group;
        _leaves = leaves;
        _cancellationToken = cancellationToken;
        RowCount = checked((int)group.RowCount);
        foreach (var leaf in leaves)
            _byPath.TryAdd(Join(leaf.Path), leaf);
    }

    public int RowCount { get; }

    /// <summary>Leaf columns of a file, in order.</summary>
    public static IReadOnlyList<ParquetLeaf> LeavesOf(ParquetReader reader)
    {
        var fields = reader.Schema.DataFields;
        var elements = reader.Metadata?.Schema.Skip(1).Where(element => element.NumChildren is null or 0 && element.Type is not null).ToList() ?? [];
        if (elements.Count != fields.Length)
            throw new InvalidDataException($"{elements.Count} leaf columns in the footer; expected {fields.Length}");
        return [.. fields.Select((field, i) => new ParquetLeaf([.. field.Path.ToList()], field, elements[i]))];
    }

    /// <summary>Leaves inside a struct, lists and maps left out.</summary>
    public IEnumerable<ParquetLeaf> Under(params string[] path) =>
        _leaves.Where(leaf => leaf.Field.MaxRepetitionLevel == 0 && leaf.Path.Length > path.Length && leaf.Path.AsSpan(0, path.Length).SequenceEqual(path));

    public async Task<RowValues<long>> NumbersAsync(params string[] path)
    {
        if (Find(path) is not { } leaf)
            return default;
        if (leaf.Element.Type == Parquet.Meta.Type.INT64)
            return await ValuesAsync<long>(leaf);
        var narrow = await ValuesAsync<int>(leaf);
        return narrow.Select(value => (long)value);
    }

    public async Task<RowValues<bool>> FlagsAsync(params string[] path) => Find(path) is { } leaf ? await ValuesAsync<bool>(leaf) : default;

    public async Task<RowTexts> TextsAsync(params string[] path) => Find(path) is { } leaf ? new RowTexts((await ValuesAsync<ReadOnlyMemory<byte>>(leaf)).Items) : default;

    public async Task<List<string>?[]?> ListsAsync(params string[] path)
    {
        if (Inside(path, _ => true) is not { } leaf)
            return null;
        var result = new List<string>?[RowCount];
        // One below the repeated group: the list is there and empty.
        var present = leaf.Field.MaxDefinitionLevel - (leaf.Element.RepetitionType == FieldRepetitionType.OPTIONAL ? 2 : 1);
        await EntriesAsync(leaf, (row, definition, value) =>
        {
            if (definition < present)
                return;
            result[row] ??= [];
            if (value is not null)
                result[row]!.Add(value);
        });
        return result;
    }

    /// <summary>Maps of texts; an empty value is null, as in partition values.</summary>
    public async Task<IReadOnlyDictionary<string, string?>?[]?> MapsAsync(params string[] path)
    {
        if (Inside(path, name => name == "key") is not { } keyLeaf || Inside(path, name => name == "value") is not { } valueLeaf)
            return null;
        var keys = new List<(int Row, string? Key)>();
        var present = keyLeaf.Field.MaxDefinitionLevel - (keyLeaf.Element.RepetitionType == FieldRepetitionType.OPTIONAL ? 2 : 1);
        await EntriesAsync(keyLeaf, (row, definition, key) => keys.Add((definition < present ? -1 : row, key)));
        var maps = new IReadOnlyDictionary<string, string?>?[RowCount];
        var cache = new MapCache();
        var entries = new List<KeyValuePair<string, string?>>();
        int at = 0, current = -1;
        await EntriesAsync(valueLeaf, (_, _, value) =>
        {
            var (row, key) = keys[at++];
            if (row != current)
                Finish();
            current = row;
            if (key is not null)
                entries.Add(new(key, value is { Length: > 0 } ? value : null));
        });
        Finish();
        return maps;

        void Finish()
        {
            if (current >= 0)
                maps[current] = cache.Get(entries);
            entries.Clear();
        }
    }

    /// <summary>One value a row of a column that is not repeated.</summary>
    public async Task<RowValues<T>> ValuesAsync<T>(ParquetLeaf leaf)
        where T : struct
    {
        if (IsAllNull(leaf))
            return default;
        var values = ArrayPool<T>.Shared.Rent(RowCount);
        var levels = ArrayPool<int>.Shared.Rent(RowCount);
        try
        {
            await ReadAsync(leaf, values.AsMemory(0, RowCount), levels.AsMemory(0, RowCount), null);
            var result = new T?[RowCount];
            var at = 0;
            for (var row = 0; row < RowCount; row++)
            {
                if (leaf.Field.MaxDefinitionLevel == 0 || levels[row] == leaf.Field.MaxDefinitionLevel)
                    result[row] = values[at++];
            }

            return new RowValues<T>(result);
        }
        finally
        {
            ArrayPool<T>.Shared.Return(values, RuntimeHelpers.IsReferenceOrContainsReferences<T>());
            ArrayPool<int>.Shared.Return(levels);
        }
    }

    [UnsafeAccessor(UnsafeAccessorKind.Field, Name = "<ClrType>k__BackingField")]
    private static extern ref System.Type ValueTypeOf(DataField field);

    private static string Join(ReadOnlySpan<string> path) => string.Join('\u0001', path!);

    private bool IsAllNull(ParquetLeaf leaf) =>
        _group.GetMetadata(leaf.Field)?.MetaData is { Statistics.NullCount: { } nulls } metadata && nulls == metadata.NumValues;

    private async Task ReadAsync<T>(ParquetLeaf leaf, Memory<T> values, Memory<int> definitions, Memory<int>? repetitions)
        where T : struct
    {
        // The reader decodes by the type it is asked for, and checks that it is the field's.
        ValueTypeOf(leaf.Field) = typeof(T) == typeof(ReadOnlyMemory<byte>) ? typeof(byte[]) : typeof(T);
        await _group.ReadRawAsync(leaf.Field, values, leaf.Field.MaxDefinitionLevel > 0 ? definitions : null, repetitions, _cancellationToken);
    }

    /// <summary>The entries of a repeated text column in order: row, definition level, value.</summary>
    private async Task EntriesAsync(ParquetLeaf leaf, Action<int, int, string?> entry)
    {
        var metadata = _group.GetMetadata(leaf.Field)?.MetaData ?? throw new InvalidDataException($"column {string.Join('.', leaf.Path)} has no data in a row group");
        var count = checked((int)metadata.NumValues);
        var values = ArrayPool<ReadOnlyMemory<byte>>.Shared.Rent(count);
        var definitions = ArrayPool<int>.Shared.Rent(count);
        var repetitions = ArrayPool<int>.Shared.Rent(count);
        try
        {
            await ReadAsync(leaf, values.AsMemory(0, count), definitions.AsMemory(0, count), repetitions.AsMemory(0, count));
            int row = -1, at = 0;
            var texts = new TextCache();
            for (var i = 0; i < count; i++)
            {
                if (repetitions[i] == 0)
                    row++;
                entry(row, definitions[i], definitions[i] == leaf.Field.MaxDefinitionLevel ? texts.Get(values[at++].Span) : null);
            }
        }
        finally
        {
            ArrayPool<ReadOnlyMemory<byte>>.Shared.Return(values, clearArray: true);
            ArrayPool<int>.Shared.Return(definitions);
            ArrayPool<int>.Shared.Return(repetitions);
        }
    }

    private ParquetLeaf? Find(string[] path) => _byPath.GetValueOrDefault(Join(path));

    private ParquetLeaf? Inside(string[] path, Func<string, bool> last) => _leaves.FirstOrDefault(leaf =>
        leaf.Field.MaxRepetitionLevel > 0 && leaf.Path.Length > path.Length && leaf.Path.AsSpan(0, path.Length).SequenceEqual(path) && last(leaf.Path[^1]));
}

/// <summary>A leaf column of a Parquet file.</summary>
internal sealed record ParquetLeaf(string[] Path, DataField Field, SchemaElement Element);

/// <summary>A value or null for each row; no items where all are null.</summary>
internal readonly record struct RowValues<T>(T?[]? Items)
    where T : struct
{
    public T? this[int row] => Items?[row];

    public RowValues<TOther> Select<TOther>(Func<T, TOther> convert)
        where TOther : struct =>
        new(Items is null ? null : Array.ConvertAll(Items, item => item is { } value ? convert(value) : (TOther?)null));
}

/// <summary>A text or null for each row.</summary>
internal readonly record struct RowTexts(ReadOnlyMemory<byte>?[]? Items)
{
    public string? this[int row] => Items?[row] is { } bytes ? System.Text.Encoding.UTF8.GetString(bytes.Span) : null;

    public bool Has(int row) => Items?[row] is not null;
}
