using System.Diagnostics.CodeAnalysis;
using System.Globalization;

namespace RealTimeMesh.Contracts.Values;

/// <summary>Readers of values without parts: promotion to the reader's type, then the type of .NET that is asked for.</summary>
internal static class ScalarReaders
{
    /// <summary>Reads the writer's bytes as the type below the reader's; null where the two do not match.</summary>
    public static object? Physical(AvroSchema writer, AvroSchema reader) => (writer.Kind, reader.Kind) switch
    {
        (AvroKind.Boolean, AvroKind.Boolean) => new BooleanReader(),
        (AvroKind.Int, AvroKind.Int) => new IntReader(),
        (AvroKind.Int, AvroKind.Long) => Rescale(Map<int, long>(new IntReader(), static i => i), writer, reader),
        (AvroKind.Long, AvroKind.Long) => Rescale(new LongReader(), writer, reader),
        (AvroKind.Int, AvroKind.Float) => Map<int, float>(new IntReader(), static i => i),
        (AvroKind.Int, AvroKind.Double) => Map<int, double>(new IntReader(), static i => i),
        (AvroKind.Long, AvroKind.Float) => Map<long, float>(new LongReader(), static l => l),
        (AvroKind.Long, AvroKind.Double) => Map<long, double>(new LongReader(), static l => l),
        (AvroKind.Float, AvroKind.Float) => new FloatReader(),
        (AvroKind.Float, AvroKind.Double) => Map<float, double>(new FloatReader(), static f => f),
        (AvroKind.Double, AvroKind.Double) => new DoubleReader(),
        (AvroKind.String or AvroKind.Bytes, AvroKind.String) => new StringReader(),
        (AvroKind.String or AvroKind.Bytes, AvroKind.Bytes) when SameScale(writer, reader) => new BytesReader(),
        (AvroKind.Fixed, AvroKind.Fixed) when SchemaCompatibility.SameName((AvroNamed)reader, (AvroNamed)writer)
            && ((AvroFixed)writer).Size == ((AvroFixed)reader).Size && SameScale(writer, reader) => new FixedReader(((AvroFixed)reader).Size),
        _ => null,
    };

    /// <summary>The generic form of a value that <see cref="Physical"/> reads.</summary>
    public static ValueReader<object?> Generic(object physical, AvroSchema schema) => physical switch
    {
        ValueReader<bool> reader => new BoxingReader<bool>(reader),
        ValueReader<int> reader => new BoxingReader<int>(reader),
        ValueReader<long> reader => new BoxingReader<long>(reader),
        ValueReader<float> reader => new BoxingReader<float>(reader),
        ValueReader<double> reader => new BoxingReader<double>(reader),
        ValueReader<string> reader => new BoxingReader<string>(reader),
        ValueReader<byte[]> reader when schema is AvroFixed type => new ConvertingReader<byte[], object?>(reader, (byte[] bytes, out object? value) =>
        {
            value = new AvroFixedValue(type.FullName, bytes);
            return true;
        }, "fixed"),
        ValueReader<byte[]> reader => new BoxingReader<byte[]>(reader),
        _ => throw new InvalidOperationException($"no generic form of {physical}"),
    };

    /// <summary>A value that <see cref="Physical"/> reads as a type of .NET; null where that type cannot hold it.</summary>
    public static object? As(object physical, AvroSchema schema, Type target)
    {
        var logical = schema.LogicalType ?? "";
        return physical switch
        {
            ValueReader<bool> reader when target == typeof(bool) => reader,
            ValueReader<int> reader => FromInt(reader, logical, target),
            ValueReader<long> reader => FromLong(reader, logical, target),
            ValueReader<float> reader when target == typeof(float) => reader,
            ValueReader<float> reader when target == typeof(double) => Map<float, double>(reader, static f => f),
            ValueReader<double> reader when target == typeof(double) => reader,
            ValueReader<string> reader when target == typeof(string) => reader,
            ValueReader<string> reader when target == typeof(Guid) && logical == "uuid" => new ConvertingReader<string, Guid>(reader, static (string text, out Guid id) => Guid.TryParse(text, CultureInfo.InvariantCulture, out id), "UUID"),
            ValueReader<byte[]> reader => FromBytes(reader, schema, target),
            _ => null,
        };
    }

    public static bool IsDecimal(AvroSchema schema) =>
        schema.LogicalType == "decimal" && schema.Precision >= 1 && schema.Scale <= schema.Precision;

    private static object? FromInt(ValueReader<int> reader, string logical, Type target) => target switch
    {
        _ when target == typeof(int) => reader,
        _ when target == typeof(long) => Map<int, long>(reader, static i => i),
        _ when target == typeof(DateOnly) && logical == "date" => new ConvertingReader<int, DateOnly>(reader, LogicalTypes.ToDate, "day of the years 1 to 9999"),
        _ when target == typeof(TimeOnly) && logical == "time-millis" =>
            new ConvertingReader<int, TimeOnly>(reader, static (int value, out TimeOnly time) => LogicalTypes.ToTime(value, TimeSpan.TicksPerMillisecond, out time), "time of a day"),
        _ => null,
    };

    private static object? FromLong(ValueReader<long> reader, string logical, Type target)
    {
        const string years = "instant of the years 1 to 9999";
        if (target == typeof(long))
            return reader;

        if (target == typeof(TimeOnly) && logical == "time-micros")
            return new ConvertingReader<long, TimeOnly>(reader, static (long value, out TimeOnly time) => LogicalTypes.ToTime(value, TimeSpan.TicksPerMicrosecond, out time), "time of a day");

        var local = logical.StartsWith("local-timestamp-", StringComparison.Ordinal);
        if (!local && !logical.StartsWith("timestamp-", StringComparison.Ordinal))
            return null;

        if (target == typeof(DateTime))
        {
            var kind = local ? DateTimeKind.Unspecified : DateTimeKind.Utc;
            return new ConvertingReader<long, DateTime>(reader, (long value, out DateTime time) =>
            {
                var fits = LogicalTypes.ToTicks(value, logical, out var ticks);
                time = new DateTime(ticks, kind);
                return fits;
            }, years);
        }

        return target == typeof(DateTimeOffset) && !local
            ? new ConvertingReader<long, DateTimeOffset>(reader, (long value, out DateTimeOffset time) =>
            {
                var fits = LogicalTypes.ToTicks(value, logical, out var ticks);
                time = new DateTimeOffset(ticks, TimeSpan.Zero);
                return fits;
            }, years)
            : null;
    }

    private static object? FromBytes(ValueReader<byte[]> reader, AvroSchema schema, Type target)
    {
        if (target == typeof(byte[]))
            return reader;

        if (target == typeof(decimal) && IsDecimal(schema))
        {
            var (precision, scale) = (schema.Precision, schema.Scale);
            return new ConvertingReader<byte[], decimal>(reader, (byte[] bytes, out decimal value) => LogicalTypes.ToDecimal(bytes, precision, scale, out value), $"decimal({precision},{scale}) of at most 96 bits");
        }

        return (schema as AvroFixed, schema.LogicalType) switch
        {
            ({ Size: 12 }, "duration") when target == typeof(AvroDuration) => new ConvertingReader<byte[], AvroDuration>(reader, LogicalTypes.ToDuration, "duration"),
            ({ Size: 16 }, "uuid") when target == typeof(Guid) => Map<byte[], Guid>(reader, static bytes => new Guid(bytes, bigEndian: true)),
            _ => null,
        };
    }

    /// <summary>Where both sides count time, the writer's unit becomes the reader's; what is finer is cut off.</summary>
    private static ValueReader<long> Rescale(ValueReader<long> physical, AvroSchema writer, AvroSchema reader)
    {
        var (from, to) = (Nanoseconds(writer.LogicalType), Nanoseconds(reader.LogicalType));
        if (from == 0 || to == 0 || from == to)
            return physical;

        return new ConvertingReader<long, long>(physical, (long value, out long scaled) =>
        {
            if (from < to)
            {
                var (quotient, rest) = Math.DivRem(value, to / from);
                scaled = rest < 0 ? quotient - 1 : quotient;
                return true;
            }

            scaled = unchecked(value * (from / to));
            return scaled / (from / to) == value;
        }, $"{reader.LogicalType} of 64 bits");
    }

    private static long Nanoseconds(string? logicalType) => logicalType switch
    {
        "time-millis" or "timestamp-millis" or "local-timestamp-millis" => 1_000_000,
        "time-micros" or "timestamp-micros" or "local-timestamp-micros" => 1_000,
        "timestamp-nanos" or "local-timestamp-nanos" => 1,
        _ => 0,
    };

    /// <summary>Bytes of another scale would be read as another number.</summary>
    private static bool SameScale(AvroSchema writer, AvroSchema reader) => !IsDecimal(writer) || !IsDecimal(reader) || writer.Scale == reader.Scale;

    private static ConvertingReader<TFrom, TTo> Map<TFrom, TTo>(ValueReader<TFrom> reader, Func<TFrom, TTo> convert) => new(reader, (TFrom from, [MaybeNullWhen(false)] out TTo to) =>
    {
        to = convert(from);
        return true;
    }, "");
}
