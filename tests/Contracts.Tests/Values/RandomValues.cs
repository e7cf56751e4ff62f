using System.Globalization;
using RealTimeMesh.Contracts.Values;

namespace RealTimeMesh.Contracts.Tests.Values;

/// <summary>Values of any schema in the generic form.</summary>
internal static class RandomValues
{
    public static object? Of(AvroSchema schema, Random random, int depth = 0) => schema switch
    {
        AvroRecord record => Record(record, random, depth),
        AvroUnion union => Of(Branch(union, random, depth), random, depth + 1),
        AvroArray array => Enumerable.Range(0, depth > 5 ? 0 : random.Next(4)).Select(_ => Of(array.Items, random, depth + 1)).ToList(),
        AvroMap map => Enumerable.Range(0, depth > 5 ? 0 : random.Next(4)).ToDictionary(i => string.Create(CultureInfo.InvariantCulture, $"k{i}ü"), _ => Of(map.Values, random, depth + 1)),
        AvroEnum symbols => new AvroSymbol(symbols.FullName, symbols.Symbols[random.Next(symbols.Symbols.Count)]),
        AvroFixed type => new AvroFixedValue(type.FullName, Bytes(random, type.Size)),
        _ => schema.Kind switch
        {
            AvroKind.Boolean => random.Next(2) == 0,
            AvroKind.Int => random.Next(4) switch { 0 => int.MinValue, 1 => int.MaxValue, _ => random.Next(-100, 100) },
            AvroKind.Long => random.Next(4) switch { 0 => long.MinValue, 1 => long.MaxValue, _ => random.NextInt64() >> random.Next(63) },
            AvroKind.Float => (float)(random.NextDouble() * 1e6),
            AvroKind.Double => random.NextDouble() * 1e30,
            AvroKind.String => string.Concat(Enumerable.Range(0, random.Next(30)).Select(_ => random.Next(4) switch { 0 => "ü", 1 => "漢", 2 => "🛫", _ => "a" })),
            AvroKind.Bytes => Bytes(random, random.Next(20)),
            _ => null,
        },
    };

    private static AvroRecordValue Record(AvroRecord record, Random random, int depth)
    {
        var value = new AvroRecordValue(record);
        for (var i = 0; i < record.Fields.Count; i++)
            value[i] = Of(record.Fields[i].Schema, random, depth + 1);

        return value;
    }

    private static AvroSchema Branch(AvroUnion union, Random random, int depth) =>
        depth > 6 && union.Branches.FirstOrDefault(branch => branch.Kind == AvroKind.Null) is { } end ? end : union.Branches[random.Next(union.Branches.Count)];

    private static byte[] Bytes(Random random, int length)
    {
        var bytes = new byte[length];
        random.NextBytes(bytes);
        return bytes;
    }
}
