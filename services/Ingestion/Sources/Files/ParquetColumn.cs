using System.Globalization;
using System.Text.Json;
using System.Text.Unicode;
using Parquet;
using Parquet.Data;
using Parquet.Schema;
using RealTimeMesh.Contracts;

namespace RealTimeMesh.Ingestion.Sources.Files;

/// <summary>One column of the current row group, on its way to one field of the contract.</summary>
internal abstract class ParquetColumn(DataField source, int ordinal) : IDisposable
{
    // Place of each row's value; negative for null. Null where the column has no nulls.
    private int[]? _places;

    /// <summary>Place of the field in the contract.</summary>
    public int Field => ordinal;

    public string Name => source.Name;

    public abstract Task LoadAsync(ParquetRowGroupReader rowGroup, CancellationToken cancellationToken);

    public bool TrySet(RowBuilder builder, int row, out RowFault fault)
    {
        var place = Place(row);
        return place < 0 ? builder.TrySetNull(ordinal, out fault) : TrySetValue(builder, place, out fault);
    }

    /// <summary>Writes the value as it stands in the file, for a dead letter.</summary>
    public void Write(Utf8JsonWriter json, int row)
    {
        json.WritePropertyName(Name);
        var place = Place(row);
        if (place < 0)
            json.WriteNullValue();
        else
            WriteValue(json, place);
    }

    public abstract void Dispose();

    /// <summary>A column by the type that Parquet.Net reads it as; null where a flat row can't hold it.</summary>
    public static ParquetColumn? Create(DataField source, int field) => source switch
    {
        { IsArray: true } or { MaxRepetitionLevel: > 0 } or { MaxDefinitionLevel: > 1 } => null,
        _ when source.ClrType == typeof(ReadOnlyMemory<char>) => new ParquetTextColumn(source, field),
        _ when source.ClrType == typeof(long) => New<long>(source, field, static (RowBuilder b, int f, long v, out RowFault fault) => b.TrySetInt64(f, v, out fault), static (j, v) => j.WriteNumberValue(v)),
        _ when source.ClrType == typeof(int) => New<int>(source, field, static (RowBuilder b, int f, int v, out RowFault fault) => b.TrySetInt64(f, v, out fault), static (j, v) => j.WriteNumberValue(v)),
        _ when source.ClrType == typeof(short) => New<short>(source, field, static (RowBuilder b, int f, short v, out RowFault fault) => b.TrySetInt64(f, v, out fault), static (j, v) => j.WriteNumberValue(v)),
        _ when source.ClrType == typeof(sbyte) => New<sbyte>(source, field, static (RowBuilder b, int f, sbyte v, out RowFault fault) => b.TrySetInt64(f, v, out fault), static (j, v) => j.WriteNumberValue(v)),
        _ when source.ClrType == typeof(byte) => New<byte>(source, field, static (RowBuilder b, int f, byte v, out RowFault fault) => b.TrySetInt64(f, v, out fault), static (j, v) => j.WriteNumberValue(v)),
        _ when source.ClrType == typeof(ushort) => New<ushort>(source, field, static (RowBuilder b, int f, ushort v, out RowFault fault) => b.TrySetInt64(f, v, out fault), static (j, v) => j.WriteNumberValue(v)),
        _ when source.ClrType == typeof(uint) => New<uint>(source, field, static (RowBuilder b, int f, uint v, out RowFault fault) => b.TrySetInt64(f, v, out fault), static (j, v) => j.WriteNumberValue(v)),
        _ when source.ClrType == typeof(ulong) => New<ulong>(source, field, static (RowBuilder b, int f, ulong v, out RowFault fault) => v <= long.MaxValue ? b.TrySetInt64(f, (long)v, out fault) : b.TrySetDecimal(f, v, out fault), static (j, v) => j.WriteNumberValue(v)),
        _ when source.ClrType == typeof(Guid) => New<Guid>(source, field, static (RowBuilder b, int f, Guid v, out RowFault fault) => b.TrySetText(f, v.ToString(), out fault), static (j, v) => j.WriteStringValue(v)),
        _ when source.ClrType == typeof(TimeSpan) => New<TimeSpan>(source, field, static (RowBuilder b, int f, TimeSpan v, out RowFault fault) => b.TrySetText(f, TimeOfDay(v), out fault), static (j, v) => j.WriteStringValue(TimeOfDay(v))),
        _ when source.ClrType == typeof(TimeOnly) => New<TimeOnly>(source, field, static (RowBuilder b, int f, TimeOnly v, out RowFault fault) => b.TrySetText(f, TimeOfDay(v.ToTimeSpan()), out fault), static (j, v) => j.WriteStringValue(TimeOfDay(v.ToTimeSpan()))),
        _ when source.ClrType == typeof(DateOnly) => New<DateOnly>(source, field, static (RowBuilder b, int f, DateOnly v, out RowFault fault) => b.TrySetDateTime(f, v.ToDateTime(TimeOnly.MinValue), out fault), static (j, v) => j.WriteStringValue(v.ToString("O", CultureInfo.InvariantCulture))),
        _ when source.ClrType == typeof(float) => New<float>(source, field, static (RowBuilder b, int f, float v, out RowFault fault) => b.TrySetDouble(f, v, out fault), static (j, v) => WriteNumber(j, v)),
        _ when source.ClrType == typeof(double) => New<double>(source, field, static (RowBuilder b, int f, double v, out RowFault fault) => b.TrySetDouble(f, v, out fault), static (j, v) => WriteNumber(j, v)),
        _ when source.ClrType == typeof(decimal) => New<decimal>(source, field, static (RowBuilder b, int f, decimal v, out RowFault fault) => b.TrySetDecimal(f, v, out fault), static (j, v) => j.WriteNumberValue(v)),
        _ when source.ClrType == typeof(bool) => New<bool>(source, field, static (RowBuilder b, int f, bool v, out RowFault fault) => b.TrySetBoolean(f, v, out fault), static (j, v) => j.WriteBooleanValue(v)),
        _ when source.ClrType == typeof(DateTime) => New<DateTime>(source, field, static (RowBuilder b, int f, DateTime v, out RowFault fault) => b.TrySetDateTime(f, DateTime.SpecifyKind(v, DateTimeKind.Utc), out fault), static (j, v) => j.WriteStringValue(v.ToString("yyyy-MM-dd'T'HH:mm:ss.FFFFFFF'Z'", CultureInfo.InvariantCulture))),
        // Impala, Hive and JSON columns: texts that are not said to be texts.
        _ when source.ClrType == typeof(ReadOnlyMemory<byte>) => New<ReadOnlyMemory<byte>>(source, field, static (RowBuilder b, int f, ReadOnlyMemory<byte> v, out RowFault fault) => b.TrySetBytes(f, v.ToArray(), out fault) || (Utf8.IsValid(v.Span) && b.TrySetUtf8(f, v.Span, out _)), static (j, v) => j.WriteBase64StringValue(v.Span)),
        _ => null,
    };

    protected abstract bool TrySetValue(RowBuilder builder, int place, out RowFault fault);

    protected abstract void WriteValue(Utf8JsonWriter json, int place);

    /// <summary>Reads the column; its values stand one after the other, without gaps for nulls.</summary>
    protected async Task<RawColumnData<T>> ReadAsync<T>(ParquetRowGroupReader rowGroup, CancellationToken cancellationToken)
        where T : struct
    {
        var data = (RawColumnData<T>)await rowGroup.ReadRawColumnDataBaseAsync(source, cancellationToken);
        if (!source.IsNullable)
        {
            _places = null;
            return data;
        }

        var levels = data.DefinitionLevels;
        if (_places is null || _places.Length < levels.Length)
            _places = new int[levels.Length];
        for (int row = 0, next = 0; row < levels.Length; row++)
            _places[row] = levels[row] == 0 ? -1 : next++;
        return data;
    }

    private static void WriteNumber(Utf8JsonWriter json, double value)
    {
        // JSON has no NaN and no infinity.
        if (double.IsFinite(value))
            json.WriteNumberValue(value);
        else
            json.WriteStringValue(value.ToString(CultureInfo.InvariantCulture));
    }

    private static string TimeOfDay(TimeSpan time) => time.ToString("hh\\:mm\\:ss\\.FFFFFFF", CultureInfo.InvariantCulture).TrimEnd('.');

    private static ParquetValueColumn<T> New<T>(DataField source, int field, ParquetValueColumn<T>.Setter set, Action<Utf8JsonWriter, T> write)
        where T : struct => new(source, field, set, write);

    private int Place(int row) => _places is null ? row : _places[row];
}

/// <summary>A column of fixed-size values.</summary>
internal sealed class ParquetValueColumn<T>(DataField source, int field, ParquetValueColumn<T>.Setter set, Action<Utf8JsonWriter, T> write) : ParquetColumn(source, field)
    where T : struct
{
    private RawColumnData<T>? _data;

    public delegate bool Setter(RowBuilder builder, int field, T value, out RowFault fault);

    public override async Task LoadAsync(ParquetRowGroupReader rowGroup, CancellationToken cancellationToken)
    {
        _data?.Dispose();
        _data = await ReadAsync<T>(rowGroup, cancellationToken);
    }

    public override void Dispose() => _data?.Dispose();

    protected override bool TrySetValue(RowBuilder builder, int place, out RowFault fault) => set(builder, Field, _data!.Values[place], out fault);

    protected override void WriteValue(Utf8JsonWriter json, int place) => write(json, _data!.Values[place]);
}

/// <summary>A column of text. Values that repeat, as most do, become one string.</summary>
internal sealed class ParquetTextColumn : ParquetColumn
{
    private const int MaxKept = 10_000;

    private readonly HashSet<string> _kept = new(StringComparer.Ordinal);
    private readonly HashSet<string>.AlternateLookup<ReadOnlySpan<char>> _lookup;
    private RawColumnData<ReadOnlyMemory<char>>? _data;

    public ParquetTextColumn(DataField source, int field)
        : base(source, field) => _lookup = _kept.GetAlternateLookup<ReadOnlySpan<char>>();

    public override async Task LoadAsync(ParquetRowGroupReader rowGroup, CancellationToken cancellationToken)
    {
        _data?.Dispose();
        _data = await ReadAsync<ReadOnlyMemory<char>>(rowGroup, cancellationToken);
    }

    public override void Dispose() => _data?.Dispose();

    protected override bool TrySetValue(RowBuilder builder, int place, out RowFault fault)
    {
        var text = _data!.Values[place].Span;
        if (!_lookup.TryGetValue(text, out var value))
        {
            value = text.ToString();
            if (_kept.Count < MaxKept)
                _kept.Add(value);
        }

        return builder.TrySetString(Field, value, out fault);
    }

    protected override void WriteValue(Utf8JsonWriter json, int place) => json.WriteStringValue(_data!.Values[place].Span);
}
