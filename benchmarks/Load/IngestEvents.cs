using System.Buffers;
using System.Globalization;
using System.Text;
using RealTimeMesh.Contracts;

namespace RealTimeMesh.Benchmarks.Load;

/// <summary>A pipeline with streams of one contract, one of them with six expectations, one with a rule in the contract, and events of 200 bytes for all.</summary>
internal static class IngestEvents
{
    public const string Plain = "bench.plain";

    public const string Checked = "bench.checked";

    public const string Ruled = "bench.ruled";

    public const string Contract = """
        {"type":"record","name":"Order","namespace":"bench","fields":[
          {"name":"id","type":"string"},
          {"name":"symbol","type":"string"},
          {"name":"venue","type":"string"},
          {"name":"bid","type":"double"},
          {"name":"ask","type":"double"},
          {"name":"quantity","type":"long"},
          {"name":"account","type":["null","string"],"default":null},
          {"name":"at","type":{"type":"long","logicalType":"timestamp-micros"}}]}
        """;

    /// <summary>Length of one line with its line break, bytes.</summary>
    public const int LineBytes = 200;

    private const int Symbols = 200;

    private static readonly string[] Venues = ["XNAS", "XNYS", "XLON", "XETR", "XTKS"];

    public static void WritePipeline(string folder)
    {
        var pipeline = Directory.CreateDirectory(Path.Combine(folder, "bench")).FullName;
        File.WriteAllText(Path.Combine(pipeline, "order.avsc"), Contract);
        File.WriteAllText(Path.Combine(pipeline, "order.json"), """
            {"name":"orders","expectations":[
              {"type":"expect_column_values_to_be_between","kwargs":{"column":"bid","min_value":0,"strict_min":true,"max_value":1000000}},
              {"type":"expect_column_values_to_be_between","kwargs":{"column":"quantity","min_value":1,"max_value":10000000}},
              {"type":"expect_column_values_to_match_regex","kwargs":{"column":"symbol","regex":"^[A-Z0-9]{1,8}$"}},
              {"type":"expect_column_values_to_be_in_set","kwargs":{"column":"venue","value_set":["XNAS","XNYS","XLON","XETR","XTKS"]}},
              {"type":"expect_column_values_to_not_be_null","kwargs":{"column":"account"}},
              {"type":"expect_column_pair_values_a_to_be_greater_than_b","kwargs":{"column_A":"ask","column_B":"bid","or_equal":true}}]}
            """);
        File.WriteAllText(Path.Combine(pipeline, "ruled.avsc"), Contract);
        File.WriteAllText(Path.Combine(pipeline, "ruled.metadata.json"), """
            {"ruleSet":{"domainRules":[{"name":"spread","kind":"CONDITION","type":"CEL","mode":"WRITE","expr":"message.ask >= message.bid && message.quantity > 0 && message.venue != ''"}]}}
            """);
        File.WriteAllText(Path.Combine(pipeline, "pipeline.yaml"), """
            pipeline: bench
            streams:
              plain:
                contract: order.avsc
                key: symbol
                time: { field: at, outOfOrder: 5s, idleAfter: 10s }
              checked:
                contract: order.avsc
                key: symbol
                time: { field: at, outOfOrder: 5s, idleAfter: 10s }
                expectations: order.json
              ruled:
                contract: ruled.avsc
                key: symbol
                time: { field: at, outOfOrder: 5s, idleAfter: 10s }
            """);
    }

    /// <summary>Lines of <see cref="LineBytes"/> each.</summary>
    public static byte[] Lines(int count, int seed)
    {
        var random = new Random(seed);
        var text = new StringBuilder(count * LineBytes);
        for (var i = 0; i < count; i++)
            text.Append(Event(random, i, LineBytes - 1)).Append('\n');
        return Encoding.ASCII.GetBytes(text.ToString());
    }

    /// <summary>The same events as Avro binary of <see cref="Contract"/>.</summary>
    public static IReadOnlyList<byte[]> Records(int count, int seed)
    {
        var contract = AvroContract.Parse(Contract);
        var reader = new JsonRowReader(contract.Rows);
        var batch = new ColumnBatch(contract.Rows);
        var random = new Random(seed);
        var records = new List<byte[]>(count);
        for (var i = 0; i < count; i++)
        {
            batch.Clear();
            if (!reader.TryRead(Encoding.ASCII.GetBytes(Event(random, i, LineBytes - 1)), batch, out var fault))
                throw new InvalidOperationException(fault.ToString());
            var output = new ArrayBufferWriter<byte>();
            contract.Encode(batch, 0, output);
            records.Add(output.WrittenSpan.ToArray());
        }

        return records;
    }

    /// <summary>One event of <paramref name="bytes"/> bytes, padded in its id.</summary>
    public static string Event(Random random, int number, int bytes)
    {
        var bid = random.Next(1_00, 500_00) / 100.0;
        var rest = string.Create(CultureInfo.InvariantCulture, $$"""
            ","symbol":"S{{random.Next(Symbols):D3}}","venue":"{{Venues[number % Venues.Length]}}","bid":{{bid:F2}},"ask":{{bid + 0.02:F2}},"quantity":{{random.Next(1, 5_000)}},"account":"ACC-{{random.Next(100_000):D6}}","at":"2026-01-15T10:{{number % 60:D2}}:{{number % 59:D2}}.{{random.Next(1_000_000):D6}}Z"}
            """);
        var head = string.Create(CultureInfo.InvariantCulture, $$"""{"id":"{{number:D8}}-""");
        return head + new string('x', bytes - head.Length - rest.Length) + rest;
    }
}
