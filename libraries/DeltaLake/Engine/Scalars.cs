using Apache.Arrow;
using Apache.Arrow.Types;

namespace RealTimeMesh.DeltaLake;

/// <summary>Readers of columns that are neither structs, lists nor maps. Each is a <c>Func&lt;IArrowArray, Func&lt;int, T&gt;&gt;</c>; nulls are the caller's.</summary>
internal static class Scalars
{
    public static Delegate? For(IArrowType type, Type target) => type.TypeId switch
    {
        ArrowTypeId.Boolean when target == typeof(bool) => Bind<BooleanArray, bool>((array, i) => array.GetValue(i)!.Value),
        ArrowTypeId.Int8 => Integer<Int8Array>(target, (array, i) => array.GetValue(i)!.Value, 8),
        ArrowTypeId.Int16 => Integer<Int16Array>(target, (array, i) => array.GetValue(i)!.Value, 16),
        ArrowTypeId.Int32 => Integer<Int32Array>(target, (array, i) => array.GetValue(i)!.Value, 32),
        ArrowTypeId.Int64 => Integer<Int64Array>(target, (array, i) => array.GetValue(i)!.Value, 64),
        ArrowTypeId.Float when target == typeof(float) => Bind<FloatArray, float>((array, i) => array.GetValue(i)!.Value),
        ArrowTypeId.Float when target == typeof(double) => Bind<FloatArray, double>((array, i) => array.GetValue(i)!.Value),
        ArrowTypeId.Double when target == typeof(double) => Bind<DoubleArray, double>((array, i) => array.GetValue(i)!.Value),
        ArrowTypeId.Decimal128 when target == typeof(decimal) => Bind<Decimal128Array, decimal>((array, i) => array.GetValue(i)!.Value),
        ArrowTypeId.String when target == typeof(string) => Bind<StringArray, string>((array, i) => array.GetString(i)),
        ArrowTypeId.Binary when target == typeof(byte[]) => Bind<BinaryArray, byte[]>((array, i) => array.GetBytes(i).ToArray()),
        ArrowTypeId.Date32 when target == typeof(DateOnly) => Bind<Date32Array, DateOnly>((array, i) => DateOnly.FromDayNumber(array.GetValue(i)!.Value + DateOnly.FromDateTime(DateTime.UnixEpoch).DayNumber)),
        ArrowTypeId.Timestamp => Timestamp((TimestampType)type, target),
        _ => null,
    };

    public static string NamesFor(IArrowType type) => type.TypeId switch
    {
        ArrowTypeId.Boolean => "bool",
        ArrowTypeId.Int8 => "sbyte, short, int, long, double or decimal",
        ArrowTypeId.Int16 => "short, int, long, double or decimal",
        ArrowTypeId.Int32 => "int, long, double or decimal",
        ArrowTypeId.Int64 => "long or decimal",
        ArrowTypeId.Float => "float or double",
        ArrowTypeId.Double => "double",
        ArrowTypeId.Decimal128 => "decimal",
        ArrowTypeId.String => "string",
        ArrowTypeId.Binary => "byte[]",
        ArrowTypeId.Date32 => "DateOnly",
        ArrowTypeId.Timestamp when ((TimestampType)type).Timezone is { Length: > 0 } => "DateTimeOffset or DateTime (UTC)",
        ArrowTypeId.Timestamp => "DateTime (of no kind)",
        ArrowTypeId.List => "an array, List<T> or IReadOnlyList<T>",
        ArrowTypeId.Map => "Dictionary<K, V> or IReadOnlyDictionary<K, V>",
        ArrowTypeId.Struct => "a record or a class with those members",
        _ => "a column of another type",
    };

    private static Func<IArrowArray, Func<int, T>> Bind<TArray, T>(Func<TArray, int, T> read)
        where TArray : class, IArrowArray => array =>
        {
            var typed = (TArray)array;
            return row => read(typed, row);
        };

    private static Delegate? Integer<TArray>(Type target, Func<TArray, int, long> read, int bits)
        where TArray : class, IArrowArray =>
        target == typeof(sbyte) && bits <= 8 ? Bind<TArray, sbyte>((array, i) => (sbyte)read(array, i))
        : target == typeof(short) && bits <= 16 ? Bind<TArray, short>((array, i) => (short)read(array, i))
        : target == typeof(int) && bits <= 32 ? Bind<TArray, int>((array, i) => (int)read(array, i))
        : target == typeof(long) ? Bind(read)
        : target == typeof(decimal) ? Bind<TArray, decimal>((array, i) => read(array, i))
        : target == typeof(double) && bits <= 32 ? Bind<TArray, double>((array, i) => read(array, i))
        : null;

    private static Delegate? Timestamp(TimestampType type, Type target)
    {
        var zoned = type.Timezone is { Length: > 0 };
        if (zoned && target == typeof(DateTimeOffset))
            return Bind<TimestampArray, DateTimeOffset>((array, i) => new DateTimeOffset(At(array, i), TimeSpan.Zero));
        return target == typeof(DateTime)
            ? Bind<TimestampArray, DateTime>((array, i) => DateTime.SpecifyKind(At(array, i), zoned ? DateTimeKind.Utc : DateTimeKind.Unspecified))
            : null;
    }

    private static DateTime At(TimestampArray array, int row) => DateTime.UnixEpoch.AddTicks(array.Values[row] * TimeSpan.TicksPerMicrosecond);
}
