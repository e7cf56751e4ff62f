using System.Buffers;
using System.Runtime.CompilerServices;
using Parquet;
using Parquet.Schema;
using RealTimeMesh.Contracts;

namespace RealTimeMesh.DeltaLake;

/// <summary>Writes one column of a data file from the rows' column and gathers its statistics on the way.</summary>
internal abstract class ColumnChunk(SchemaField field, DataField parquet)
{
    private const long MinMicros = -62_135_596_800_000_000;
    private const long MaxMicros = 253_402_300_799_999_999;
    private const long MinDays = -719_162;
    private const long MaxDays = 2_932_896;

    public SchemaField Field { get; } = field;

    public DataField Parquet { get; } = parquet;

    /// <param name="isMapped">Whether the file has physical names and field ids.</param>
    public static ColumnChunk Create(string table, SchemaField field, bool isMapped)
    {
        var chunk = Create(table, field, isMapped ? field.PhysicalName : field.Name);
        if (isMapped)
            chunk.Parquet.FieldId = field.FieldId ?? throw new DeltaException(table, $"column '{field.Name}' has no {SchemaField.IdKey}; expected one under column mapping; repair the table's schema.");
        return chunk;
    }

    /// <summary>Writes the column; returns its statistics, or null where none are wanted.</summary>
    public abstract Task<ColumnStatistics?> WriteAsync(ParquetRowGroupWriter group, IReadOnlyList<RowSlice> slices, int rows, bool withStatistics, CancellationToken cancellationToken);

    private static ColumnChunk Create(string table, SchemaField field, string name) => field.Type.Kind switch
    {
        DeltaTypeKind.Boolean => new Chunk<bool, bool>(field, new DataField(name, typeof(bool), true), value => value, null),
        DeltaTypeKind.Byte => new Chunk<long, sbyte>(field, new DataField(name, typeof(sbyte), true), value => checked((sbyte)value), ChunkStatistics.Longs),
        DeltaTypeKind.Short => new Chunk<long, short>(field, new DataField(name, typeof(short), true), value => checked((short)value), ChunkStatistics.Longs),
        DeltaTypeKind.Integer => new Chunk<long, int>(field, new DataField(name, typeof(int), true), value => checked((int)value), ChunkStatistics.Longs),
        DeltaTypeKind.Long => new Chunk<long, long>(field, new DataField(name, typeof(long), true), value => value, ChunkStatistics.Longs),
        DeltaTypeKind.Float => new Chunk<double, float>(field, new DataField(name, typeof(float), true), value => (float)value, ChunkStatistics.Singles),
        DeltaTypeKind.Double => new Chunk<double, double>(field, new DataField(name, typeof(double), true), value => value, ChunkStatistics.Doubles),
        DeltaTypeKind.String => new Chunk<string, ReadOnlyMemory<char>>(field, new DataField(name, typeof(string), true), value => value.AsMemory(), ChunkStatistics.Strings),
        DeltaTypeKind.Binary => new Chunk<byte[], ReadOnlyMemory<byte>>(field, new DataField(name, typeof(byte[]), true), value => value, null),
        DeltaTypeKind.Date => new Chunk<long, int>(field, new DateTimeDataField(name, DateTimeFormat.Date, isNullable: true), Day, ChunkStatistics.Dates),
        DeltaTypeKind.Timestamp => new Chunk<long, long>(field, new DateTimeDataField(name, DateTimeFormat.Timestamp, isAdjustedToUTC: true, DateTimeTimeUnit.Micros, true), Moment, ChunkStatistics.Instants),
        DeltaTypeKind.TimestampNtz => new Chunk<long, long>(field, new DateTimeDataField(name, DateTimeFormat.Timestamp, isAdjustedToUTC: false, DateTimeTimeUnit.Micros, true), Moment, ChunkStatistics.LocalTimes),
        DeltaTypeKind.Decimal when field.Type is DecimalType(var precision, var scale) => new Chunk<decimal, decimal>(field, new DecimalDataField(name, precision, scale, isNullable: true), value => Fit(value, precision, scale), ChunkStatistics.Decimals),
        _ => throw new DeltaException(table, $"column '{field.Name}' is of type {field.Type}, which rows cannot hold; expected a primitive type; write through an engine."),
    };

    private static int Day(long days) => days is >= MinDays and <= MaxDays ? (int)days : throw new OverflowException($"day {days} is outside the years 1 to 9999");

    private static long Moment(long micros) => micros is >= MinMicros and <= MaxMicros ? micros : throw new OverflowException($"{micros} microseconds are outside the years 1 to 9999");

    private static decimal Fit(decimal value, int precision, int scale)
    {
        if (value.Scale > scale && decimal.Round(value, scale) != value)
            throw new OverflowException($"{value} has more than {scale} digits after the point");
        if (precision - scale < PowersOfTen.Length && (value >= PowersOfTen[precision - scale] || value <= -PowersOfTen[precision - scale]))
            throw new OverflowException($"{value} has more than {precision - scale} digits before the point");
        return value;
    }

    private static decimal[] PowersOfTen { get; } = [.. Enumerable.Range(0, 29).Select(digits => Enumerable.Repeat(10m, digits).Aggregate(1m, (product, ten) => product * ten))];

    [UnsafeAccessor(UnsafeAccessorKind.Field, Name = "<ClrType>k__BackingField")]
    private static extern ref Type ValueTypeOf(DataField field);

    private sealed class Chunk<TRow, TFile>(SchemaField field, DataField parquet, Func<TRow, TFile> convert, Measure<TRow>? measure) : ColumnChunk(field, parquet)
        where TFile : struct
    {
        public override async Task<ColumnStatistics?> WriteAsync(ParquetRowGroupWriter group, IReadOnlyList<RowSlice> slices, int rows, bool withStatistics, CancellationToken cancellationToken)
        {
            // The library takes times only as DateTime and then writes their Parquet statistics in milliseconds whatever the unit, so that
            // readers skip row groups they need. The schema is encoded by now: as plain numbers the values and their statistics are right.
            ValueTypeOf(Parquet) = typeof(TFile);
            var raw = ArrayPool<TRow>.Shared.Rent(rows);
            var values = ArrayPool<TFile>.Shared.Rent(rows);
            var levels = ArrayPool<int>.Shared.Rent(rows);
            try
            {
                var present = Gather(slices, raw, levels);
                for (var i = 0; i < present; i++)
                    values[i] = convert(raw[i]);
                await group.WriteAllPartsAsync<TFile>(Parquet, values.AsMemory(0, present), levels.AsMemory(0, rows), null, cancellationToken);
                if (!withStatistics)
                    return null;
                var result = new ColumnStatistics([Field.PhysicalName]) { NullCount = rows - present };
                if (present > 0)
                    measure?.Invoke(result, raw.AsSpan(0, present));
                return result;
            }
            finally
            {
                ArrayPool<TRow>.Shared.Return(raw, clearArray: !typeof(TRow).IsValueType);
                ArrayPool<TFile>.Shared.Return(values, clearArray: !typeof(TRow).IsValueType);
                ArrayPool<int>.Shared.Return(levels);
            }
        }

        private int Gather(IReadOnlyList<RowSlice> slices, TRow[] raw, int[] levels)
        {
            int present = 0, at = 0;
            foreach (var slice in slices)
            {
                var column = (ValueColumn<TRow>)RowTypes.Find(slice.Batch, Field.Name)!;
                if (slice.Rows is null && column.NullCount == 0)
                {
                    column.Values.CopyTo(raw.AsSpan(present));
                    levels.AsSpan(at, column.Count).Fill(1);
                    present += column.Count;
                    at += column.Count;
                    continue;
                }

                for (var i = 0; i < slice.Count; i++)
                {
                    var row = slice.Rows?[i] ?? i;
                    var isNull = column.IsNull(row);
                    levels[at++] = isNull ? 0 : 1;
                    if (!isNull)
                        raw[present++] = column[row];
                }
            }

            return present;
        }
    }
}
