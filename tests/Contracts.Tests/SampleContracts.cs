using RealTimeMesh.Contracts;

namespace RealTimeMesh.Contracts.Tests;

internal static class SampleContracts
{
    public const string Departure = """
        {"type":"record","name":"Departure","namespace":"flights","fields":[
          {"name":"scheduled","type":{"type":"long","logicalType":"timestamp-millis"}},
          {"name":"delay","type":["null","int"],"default":null},
          {"name":"distance","type":"int"},
          {"name":"origin","type":"string","aliases":["from"]},
          {"name":"destination","type":"string"}]}
        """;

    public const string Everything = """
        {"type":"record","name":"Everything","namespace":"test","doc":"one field per type","fields":[
          {"name":"flag","type":"boolean"},
          {"name":"small","type":"int"},
          {"name":"big","type":["null","long"]},
          {"name":"single","type":"float"},
          {"name":"wide","type":["double","null"],"default":1.5},
          {"name":"raw","type":"bytes"},
          {"name":"text","type":["null","string"]},
          {"name":"side","type":{"type":"enum","name":"Side","symbols":["BUY","SELL"]}},
          {"name":"hash","type":{"type":"fixed","name":"Hash","size":4}},
          {"name":"day","type":{"type":"int","logicalType":"date"}},
          {"name":"millis","type":{"type":"long","logicalType":"timestamp-millis"}},
          {"name":"micros","type":["null",{"type":"long","logicalType":"timestamp-micros"}]},
          {"name":"price","type":{"type":"bytes","logicalType":"decimal","precision":18,"scale":4}},
          {"name":"amount","type":{"type":"fixed","name":"Amount","size":12,"logicalType":"decimal","precision":28,"scale":2}},
          {"name":"id","type":{"type":"string","logicalType":"uuid"},"pii":true}]}
        """;

    public static string Record(string fields) => $$"""{"type":"record","name":"R","fields":[{{fields}}]}""";

    public static AvroContract OneField(string type, string more = "") =>
        AvroContract.Parse(Record($$"""{"name":"f","type":{{type}}{{more}}}"""));

    /// <summary>Fills one row of <see cref="Everything"/> with values of every size class.</summary>
    public static void AppendRandom(ColumnBatch batch, Random random)
    {
        foreach (var column in batch.Columns)
        {
            if (column.Field.Nullable && random.Next(4) == 0)
                column.AppendNull();
            else
                AppendRandom(column, random);
        }
    }

    private static void AppendRandom(Column column, Random random)
    {
        var field = column.Field;
        switch (column)
        {
            case BooleanColumn booleans:
                booleans.Append(random.Next(2) == 0);
                break;
            case Int64Column integers:
                integers.Append(field.Type switch
                {
                    FieldType.Int32 => random.Next(3) switch { 0 => int.MinValue, 1 => int.MaxValue, _ => random.Next(-1000, 1000) },
                    FieldType.Int64 => random.Next(3) switch { 0 => long.MinValue, 1 => long.MaxValue, _ => random.NextInt64() >> random.Next(64) },
                    FieldType.Date => random.Next(-719_162, 2_932_897),
                    _ when field.EpochUnit == EpochUnit.Milliseconds => random.NextInt64(-62_135_596_800_000, 253_402_300_800_000) * 1000,
                    _ => random.NextInt64(-62_135_596_800_000_000, 253_402_300_800_000_000),
                });
                break;
            case Float64Column numbers:
                var number = random.NextDouble() * Math.Pow(10, random.Next(-20, 20));
                numbers.Append(field.Type == FieldType.Float32 ? (float)number : number);
                break;
            case BytesColumn bytes:
                var content = new byte[field.FixedSize > 0 ? field.FixedSize : random.Next(200)];
                random.NextBytes(content);
                bytes.Append(content);
                break;
            case DecimalColumn decimals:
                var digits = random.NextInt64() % 1_000_000_000_000_000_000;
                decimals.Append(new decimal((int)digits, (int)(Math.Abs(digits) >> 32), 0, random.Next(2) == 0, (byte)field.Scale));
                break;
            case StringColumn texts when field.Symbols.Count > 0:
                texts.Append(field.Symbols[random.Next(field.Symbols.Count)]);
                break;
            case StringColumn texts when field.Uuid:
                var id = new byte[16];
                random.NextBytes(id);
                texts.Append(new Guid(id).ToString());
                break;
            case StringColumn texts:
                texts.Append(string.Concat(Enumerable.Range(0, random.Next(60)).Select(_ => random.Next(4) switch { 0 => "ü", 1 => "漢", 2 => "🛫", _ => "a" })));
                break;
        }
    }
}
