using Parquet;
using Parquet.Schema;

namespace RealTimeMesh.DeltaLake;

/// <summary>A single value.</summary>
internal sealed class ValuePart<TAction, T>(DataField field, Func<TAction, T?> get) : ActionPart<TAction>
    where T : struct
{
    private readonly NestedColumn<T> _column = new(field);

    public override Field Field => _column.Field;

    public override void Append(TAction action, int level)
    {
        if (get(action) is { } value)
            _column.Value(value);
        else
            _column.Entry(level, 0);
    }

    public override void Absent(int level) => _column.Entry(level, 0);

    public override Task WriteAsync(ParquetRowGroupWriter group, CancellationToken cancellationToken) => _column.WriteAsync(group, cancellationToken);
}

/// <summary>A struct, absent where <paramref name="inner"/> gives null.</summary>
internal sealed class StructPart<TAction, TInner>(string name, Func<TAction, TInner?> inner, params ActionPart<TInner>[] parts) : ActionPart<TAction>
    where TInner : class
{
    public override Field Field { get; } = new StructField(name, [.. parts.Select(part => part.Field)]);

    public override void Append(TAction action, int level)
    {
        var value = inner(action);
        foreach (var part in parts)
        {
            if (value is not null)
                part.Append(value, level + 1);
            else
                part.Absent(level);
        }
    }

    public override void Absent(int level)
    {
        foreach (var part in parts)
            part.Absent(level);
    }

    public override async Task WriteAsync(ParquetRowGroupWriter group, CancellationToken cancellationToken)
    {
        foreach (var part in parts)
            await part.WriteAsync(group, cancellationToken);
    }
}

/// <summary>A list of texts.</summary>
internal sealed class ListPart<TAction> : ActionPart<TAction>
{
    private readonly Func<TAction, IReadOnlyList<string>?> _get;
    private readonly NestedColumn<ReadOnlyMemory<char>> _column;

    public ListPart(string name, Func<TAction, IReadOnlyList<string>?> get)
    {
        var element = new DataField("element", typeof(string), true);
        Field = new ListField(name, element);
        _get = get;
        _column = new NestedColumn<ReadOnlyMemory<char>>(element);
    }

    public override Field Field { get; }

    public override void Append(TAction action, int level)
    {
        var values = _get(action);
        if (values is null || values.Count == 0)
            _column.Entry(values is null ? level : level + 1, 0);
        for (var i = 0; i < (values?.Count ?? 0); i++)
            _column.Value(values![i].AsMemory(), i == 0 ? 0 : 1);
    }

    public override void Absent(int level) => _column.Entry(level, 0);

    public override Task WriteAsync(ParquetRowGroupWriter group, CancellationToken cancellationToken) => _column.WriteAsync(group, cancellationToken);
}

/// <summary>A map of texts to texts or null.</summary>
internal sealed class MapPart<TAction> : ActionPart<TAction>
{
    private readonly Func<TAction, IReadOnlyDictionary<string, string?>?> _get;
    private readonly NestedColumn<ReadOnlyMemory<char>> _keys;
    private readonly NestedColumn<ReadOnlyMemory<char>> _values;

    public MapPart(string name, Func<TAction, IReadOnlyDictionary<string, string?>?> get)
    {
        var (key, value) = (new DataField("key", typeof(string), false), new DataField("value", typeof(string), true));
        Field = new MapField(name, key, value);
        _get = get;
        (_keys, _values) = (new NestedColumn<ReadOnlyMemory<char>>(key), new NestedColumn<ReadOnlyMemory<char>>(value));
    }

    public override Field Field { get; }

    public override void Append(TAction action, int level)
    {
        var entries = _get(action);
        if (entries is null || entries.Count == 0)
        {
            Absent(entries is null ? level : level + 1);
            return;
        }

        var repetition = 0;
        foreach (var (key, value) in entries)
        {
            _keys.Value(key.AsMemory(), repetition);
            if (value is null)
                _values.Entry(level + 2, repetition);
            else
                _values.Value(value.AsMemory(), repetition);
            repetition = 1;
        }
    }

    public override void Absent(int level)
    {
        _keys.Entry(level, 0);
        _values.Entry(level, 0);
    }

    public override async Task WriteAsync(ParquetRowGroupWriter group, CancellationToken cancellationToken)
    {
        await _keys.WriteAsync(group, cancellationToken);
        await _values.WriteAsync(group, cancellationToken);
    }
}
