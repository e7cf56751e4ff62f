using System.Diagnostics.CodeAnalysis;

namespace RealTimeMesh.Contracts.Values;

/// <summary>Writers of types of .NET as values without parts.</summary>
internal static class ScalarWriting
{
    /// <summary>The writer; null where the type cannot give the schema's values.</summary>
    public static object? Of(AvroSchema schema, Type source)
    {
        var logical = schema.LogicalType ?? "";
        return schema.Kind switch
        {
            AvroKind.Boolean when source == typeof(bool) => new BooleanWriter(),
            AvroKind.Int => OfInt(logical, source),
            AvroKind.Long => OfLong(logical, source),
            AvroKind.Float when source == typeof(float) => new FloatWriter(),
            AvroKind.Double when source == typeof(double) => new DoubleWriter(),
            AvroKind.Double when source == typeof(float) => Widen<float, double>(new DoubleWriter(), static value => value),
            AvroKind.String when source == typeof(string) => new StringWriter(),
            AvroKind.String when source == typeof(Guid) && logical == "uuid" => Widen<Guid, string>(new StringWriter(), static id => id.ToString()),
            AvroKind.Bytes => OfBytes(schema, new BytesWriter(), 0, source),
            AvroKind.Fixed => OfFixed((AvroFixed)schema, source),
            _ => null,
        };
    }

    private static object? OfInt(string logical, Type source) => source switch
    {
        _ when source == typeof(int) => new IntWriter(),
        _ when source == typeof(short) => Widen<short, int>(new IntWriter(), static value => value),
        _ when source == typeof(DateOnly) && logical == "date" => new ConvertingWriter<DateOnly, int>(new IntWriter(), LogicalTypes.FromDate, "a day"),
        _ when source == typeof(TimeOnly) && logical == "time-millis" => new ConvertingWriter<TimeOnly, int>(
            new IntWriter(),
            static (TimeOnly time, out int value) =>
            {
                var exact = LogicalTypes.FromTime(time, TimeSpan.TicksPerMillisecond, out var wide);
                value = (int)wide;
                return exact;
            },
            "whole milliseconds"),
        _ => null,
    };

    private static object? OfLong(string logical, Type source)
    {
        if (source == typeof(long))
            return new LongWriter();

        if (source == typeof(int))
            return Widen<int, long>(new LongWriter(), static value => value);

        if (source == typeof(TimeOnly) && logical == "time-micros")
            return new ConvertingWriter<TimeOnly, long>(new LongWriter(), static (TimeOnly time, out long value) => LogicalTypes.FromTime(time, TimeSpan.TicksPerMicrosecond, out value), "whole microseconds");

        var local = logical.StartsWith("local-timestamp-", StringComparison.Ordinal);
        if (!local && !logical.StartsWith("timestamp-", StringComparison.Ordinal))
            return null;

        var expected = $"a time that {logical} holds exactly";
        if (source == typeof(DateTimeOffset) && !local)
            return new ConvertingWriter<DateTimeOffset, long>(new LongWriter(), (DateTimeOffset time, out long value) => LogicalTypes.FromTicks(time.UtcTicks, logical, out value), expected);

        // A time of unknown kind would be one instant on this machine and another elsewhere.
        return source == typeof(DateTime)
            ? new ConvertingWriter<DateTime, long>(
                new LongWriter(),
                (DateTime time, out long value) =>
                {
                    value = 0;
                    return (local || time.Kind == DateTimeKind.Utc) && LogicalTypes.FromTicks(time.Ticks, logical, out value);
                },
                local ? expected : $"{expected}, of kind Utc")
            : null;
    }

    private static object? OfFixed(AvroFixed schema, Type source) => (schema.Size, schema.LogicalType) switch
    {
        (12, "duration") when source == typeof(AvroDuration) => new ConvertingWriter<AvroDuration, byte[]>(new FixedWriter(schema), LogicalTypes.FromDuration, "a duration"),
        (16, "uuid") when source == typeof(Guid) => Widen<Guid, byte[]>(new FixedWriter(schema), static id => id.ToByteArray(bigEndian: true)),
        _ => OfBytes(schema, new FixedWriter(schema), schema.Size, source),
    };

    private static object? OfBytes(AvroSchema schema, ValueWriter<byte[]> writer, int size, Type source)
    {
        if (source == typeof(byte[]))
            return writer;

        var (precision, scale) = (schema.Precision, schema.Scale);
        return source == typeof(decimal) && ScalarReaders.IsDecimal(schema)
            ? new ConvertingWriter<decimal, byte[]>(
                writer,
                (decimal value, [MaybeNullWhen(false)] out byte[] bytes) => LogicalTypes.FromDecimal(value, precision, scale, size, out bytes),
                $"decimal({precision},{scale}){(size > 0 ? $" of {size} bytes" : "")}")
            : null;
    }

    private static ConvertingWriter<TFrom, TTo> Widen<TFrom, TTo>(ValueWriter<TTo> writer, Func<TFrom, TTo> convert) => new(
        writer,
        (TFrom from, [MaybeNullWhen(false)] out TTo to) =>
        {
            to = convert(from);
            return true;
        },
        "a value");
}
