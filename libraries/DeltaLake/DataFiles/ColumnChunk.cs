using System.Buffers;
using System.Runtime.CompilerServices;
using Parquet;
using Parquet.Schema;
using RealTimeMesh.Contracts;
using RowField = RealTimeMesh.Contracts.Field;

namespace RealTimeMesh.DeltaLake;

/// <summary>Writes one column of a data file from the rows' column and gathers its statistics on the way.</summary>
internal abstract class ColumnChunk(RowField field, DataField parquet)
{
    private const long MinMicros = -62_135_596_800_000_000;
    private const long MaxMicros = 253_402_300_799_999_999;
    private const long MinDays = -719_162;
    private const long MaxDays = 2_932_896;

    public RowField Field { get; } = field;

    public DataField Parquet { get; } = parquet;

    public static ColumnChunk Create(RowField field)
    {
        var name = field.Name;
        return field.Type switch
        {
            FieldType.Boolean => new Chunk<bool, bool>(field, new DataField(name, typeof(bool), true), value => value, null),
            FieldType.Int32 => new Chunk<long, int>(field, new DataField(name, typeof(int), true), value => checked((int)value), Longs),
            FieldType.Int64 => new Chunk<long, long>(field, new DataField(name, typeof(long), true), value => value, Longs),
            FieldType.Float32 => new Chunk<double, float>(field, new DataField(name, typeof(float), true), value => (float)value, Floats),
            FieldType.Float64 => new Chunk<double, double>(field, new DataField(name, typeof(double), true), value => value, Doubles),
            FieldType.String => new Chunk<string, ReadOnlyMemory<char>>(field, new DataField(name, typeof(string), true), value => value.AsMemory(), Strings),
            FieldType.Bytes => new Chunk<byte[], ReadOnlyMemory<byte>>(field, new DataField(name, typeof(byte[]), true), value => value, null),
            FieldType.Date => new Chunk<long, int>(field, new DateTimeDataField(name, DateTimeFormat.Date, isNullable: true), days => days is >= MinDays and <= MaxDays ? (int)days : throw new OverflowException($"day {days} is outside the years 1 to 9999"), Dates),
            FieldType.Timestamp => new Chunk<long, long>(field, new DateTimeDataField(name, DateTimeFormat.Timestamp, isAdjustedToUTC: true, DateTimeTimeUnit.Micros, true), micros => micros is >= MinMicros and <= MaxMicros ? micros : throw new OverflowException($"{micros} microseconds are outside the years 1 to 9999"), Timestamps),
            _ => new Chunk<decimal, decimal>(field, new DecimalDataField(name, field.Precision, field.Scale, isNullable: true), value => value, Decimals),
        };
    }

    /// <summary>Writes the column; returns its statistics, or null where none are wanted.</summary>
    public abstract Task<ColumnStatistics?> WriteAsync(ParquetRowGroupWriter group, IReadOnlyList<RowSlice> slices, int rows, bool withStatistics, CancellationToken cancellationToken);

    private static void Longs(ColumnStatistics result, ReadOnlySpan<long> values)
    {
        var (min, max) = Range(values);
        result.SetLongs(min, max);
    }

    private static void Dates(ColumnStatistics result, ReadOnlySpan<long> values)
    {
        var (min, max) = Range(values);
        result.SetDates(min, max);
    }

    private static void Timestamps(ColumnStatistics result, ReadOnlySpan<long> values)
    {
        var (min, max) = Range(values);
        result.SetTimestamps(min, max);
    }

    private static (long Min, long Max) Range(ReadOnlySpan<long> values)
    {
        long min = values[0], max = values[0];
        foreach (var value in values)
        {
            min = Math.Min(min, value);
            max = Math.Max(max, value);
        }

        return (min, max);
    }

    private static void Floats(ColumnStatistics result, ReadOnlySpan<double> values) => Doubles(result, values, value => (float)value);

    private static void Doubles(ColumnStatistics result, ReadOnlySpan<double> values) => Doubles(result, values, null);

    private static void Doubles(ColumnStatistics result, ReadOnlySpan<double> values, Func<double, double>? round)
    {
        double min = double.PositiveInfinity, max = double.NegativeInfinity;
        foreach (var value in values)
        {
            if (double.IsNaN(value))
                return;
            min = Math.Min(min, value);
            max = Math.Max(max, value);
        }

        result.SetDoubles(round?.Invoke(min) ?? min, round?.Invoke(max) ?? max);
    }

    private static void Decimals(ColumnStatistics result, ReadOnlySpan<decimal> values)
    {
        decimal min = values[0], max = values[0];
        foreach (var value in values)
        {
            min = Math.Min(min, value);
            max = Math.Max(max, value);
        }

        result.SetDecimals(min, max);
    }

    private static void Strings(ColumnStatistics result, ReadOnlySpan<string> values)
    {
        string min = values[0], max = values[0];
        foreach (var value in values)
        {
            if (StringBounds.Compare(value, min) < 0)
                min = value;
            else if (StringBounds.Compare(value, max) > 0)
                max = value;
        }

        result.SetStrings(min, max);
    }

    [UnsafeAccessor(UnsafeAccessorKind.Field, Name = "<ClrType>k__BackingField")]
    private static extern ref Type ValueTypeOf(DataField field);

    private delegate void Measure<T>(ColumnStatistics result, ReadOnlySpan<T> values);

    private sealed class Chunk<TRow, TFile>(RowField field, DataField parquet, Func<TRow, TFile> convert, Measure<TRow>? measure) : ColumnChunk(field, parquet)
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
                var result = new ColumnStatistics(Field.Name) { NullCount = rows - present };
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
                var column = (ValueColumn<TRow>)slice.Batch.Find(Field.Name)!;
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
