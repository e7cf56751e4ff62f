using System.Buffers;
using System.Globalization;
using Avro.Generic;
using Avro.IO;
using RealTimeMesh.Contracts;
using RealTimeMesh.Contracts.Columnar;
using RealTimeMesh.Contracts.Values;
using RealTimeMesh.Testing;

namespace RealTimeMesh.Benchmarks.Scenarios;

/// <summary>Rows of the market's trade per second of one core, from Avro and to it, beside Apache.Avro's generic reader and writer in the same run.</summary>
internal sealed class AvroCodecs : IScenario
{
    private const int Rows = 10_000;
    private const int Rounds = 5;
    private static readonly TimeSpan s_round = TimeSpan.FromSeconds(1);

    public string Name => "avro";

    public string Description => "Avro rows per second of a core: to columns, Arrow, records and back, beside Apache.Avro";

    public Task<BenchmarkReport> RunAsync(CancellationToken cancellationToken)
    {
        var json = File.ReadAllText(Repository.PathOf("pipelines", "market", "contracts", "trade.avsc"));
        var contract = AvroContract.Parse(json);
        var rows = Trades(contract);
        var payloads = Enumerable.Range(0, Rows).Select(row => Encoded(contract, rows, row)).ToArray();
        var work = new (string Name, Action Once)[]
        {
            ("decode_columns", DecodeColumns(contract, payloads)),
            ("decode_arrow", DecodeArrow(contract, payloads)),
            ("decode_typed", DecodeTyped(contract, payloads)),
            ("decode_generic", DecodeGeneric(contract, payloads)),
            ("apache_decode_generic", ApacheDecode(json, payloads)),
            ("encode_columns", EncodeColumns(contract, rows)),
            ("encode_typed", EncodeTyped(contract, payloads)),
            ("encode_generic", EncodeGeneric(contract, payloads)),
            ("apache_encode_generic", ApacheEncode(json, payloads)),
        };
        var found = work.ToDictionary(item => item.Name, _ => new List<double>());
        for (var round = 0; round <= Rounds; round++)
        {
            foreach (var (name, once) in work)
            {
                cancellationToken.ThrowIfCancellationRequested();
                var speed = Measure(once);
                // The first round warms up.
                if (round > 0)
                    found[name].Add(speed);
            }
        }

        var metrics = found.ToDictionary(pair => $"{pair.Key}_rows_per_second", pair => pair.Value.Order().ElementAt(Rounds / 2));
        metrics["decode_ratio"] = metrics["decode_columns_rows_per_second"] / metrics["apache_decode_generic_rows_per_second"];
        metrics["encode_ratio"] = metrics["encode_columns_rows_per_second"] / metrics["apache_encode_generic_rows_per_second"];
        return Task.FromResult(new BenchmarkReport(
            Name,
            metrics,
            string.Create(CultureInfo.InvariantCulture, $"{Rows:N0} trades of {payloads.Average(payload => payload.Length):0} bytes, one thread; rows per second of processor time (garbage collection included), medians of {Rounds} rounds of {s_round.TotalSeconds:0} s in turn.")));
    }

    /// <summary>Rows per second of processor time: other work on the machine does not count.</summary>
    private static double Measure(Action once)
    {
        var started = Environment.CpuUsage.TotalTime;
        var rows = 0L;
        TimeSpan used;
        do
        {
            once();
            rows += Rows;
            used = Environment.CpuUsage.TotalTime - started;
        }
        while (used < s_round);
        return rows / used.TotalSeconds;
    }

    private static Action DecodeColumns(AvroContract contract, byte[][] payloads)
    {
        var batch = new ColumnBatch(contract.Rows);
        return () =>
        {
            batch.Clear();
            foreach (var payload in payloads)
                Check(contract.TryDecode(payload, batch, out var error), error);
        };
    }

    private static Action DecodeArrow(AvroContract contract, byte[][] payloads)
    {
        var builder = new ArrowBatchBuilder(contract.Record);
        var reader = builder.Resolve(contract.Record);
        return () =>
        {
            foreach (var payload in payloads)
                Check(reader.TryAppend(payload, out var error), error);

            builder.Build().Dispose();
        };
    }

    private static Action DecodeTyped(AvroContract contract, byte[][] payloads)
    {
        var reader = AvroCodec.Reader<Trade>(contract.Record);
        return () =>
        {
            foreach (var payload in payloads)
                Check(reader.TryRead(payload, out _, out var error), error);
        };
    }

    private static Action DecodeGeneric(AvroContract contract, byte[][] payloads)
    {
        var reader = AvroCodec.Reader<object?>(contract.Record);
        return () =>
        {
            foreach (var payload in payloads)
                Check(reader.TryRead(payload, out _, out var error), error);
        };
    }

    private static Action ApacheDecode(string json, byte[][] payloads)
    {
        var schema = Avro.Schema.Parse(json);
        var reader = new GenericDatumReader<GenericRecord>(schema, schema);
        var stream = new MemoryStream();
        var decoder = new BinaryDecoder(stream);
        return () =>
        {
            foreach (var payload in payloads)
            {
                stream.Position = 0;
                stream.Write(payload);
                stream.Position = 0;
                reader.Read(null!, decoder);
            }
        };
    }

    private static Action EncodeColumns(AvroContract contract, ColumnBatch rows)
    {
        var output = new ArrayBufferWriter<byte>();
        return () =>
        {
            output.ResetWrittenCount();
            for (var row = 0; row < Rows; row++)
                contract.Encode(rows, row, output);
        };
    }

    private static Action EncodeTyped(AvroContract contract, byte[][] payloads)
    {
        var reader = AvroCodec.Reader<Trade>(contract.Record);
        return Encode(AvroCodec.Writer<Trade>(contract.Record), payloads.Select(payload => reader.Read(payload)).ToArray());
    }

    private static Action EncodeGeneric(AvroContract contract, byte[][] payloads)
    {
        var reader = AvroCodec.Reader<object?>(contract.Record);
        return Encode(AvroCodec.Writer<object?>(contract.Record), payloads.Select(payload => reader.Read(payload)).ToArray());
    }

    private static Action Encode<T>(AvroWriter<T> writer, T[] values)
    {
        var output = new ArrayBufferWriter<byte>();
        return () =>
        {
            output.ResetWrittenCount();
            foreach (var value in values)
                writer.Write(value, output);
        };
    }

    private static Action ApacheEncode(string json, byte[][] payloads)
    {
        var schema = Avro.Schema.Parse(json);
        var reader = new GenericDatumReader<GenericRecord>(schema, schema);
        var records = payloads.Select(payload => reader.Read(null!, new BinaryDecoder(new MemoryStream(payload)))).ToArray();
        var writer = new GenericDatumWriter<GenericRecord>(schema);
        var stream = new MemoryStream();
        var encoder = new BinaryEncoder(stream);
        return () =>
        {
            stream.Position = 0;
            foreach (var record in records)
                writer.Write(record, encoder);
        };
    }

    private static byte[] Encoded(AvroContract contract, ColumnBatch rows, int row)
    {
        var output = new ArrayBufferWriter<byte>();
        contract.Encode(rows, row, output);
        return output.WrittenSpan.ToArray();
    }

    private static ColumnBatch Trades(AvroContract contract)
    {
        var random = new Random(42);
        var batch = new ColumnBatch(contract.Rows);
        string[] symbols = [.. Enumerable.Range(0, 500).Select(i => string.Create(CultureInfo.InvariantCulture, $"SYM{i}"))];
        for (var i = 0; i < Rows; i++)
        {
            ((StringColumn)batch.Find("trade_id")!).Append(string.Create(CultureInfo.InvariantCulture, $"T{42_000_000 + i:D12}"));
            ((StringColumn)batch.Find("symbol")!).Append(symbols[random.Next(symbols.Length)]);
            ((Float64Column)batch.Find("price")!).Append(Math.Round(random.NextDouble() * 500, 2));
            ((Int64Column)batch.Find("quantity")!).Append(random.Next(1, 5_000));
            ((StringColumn)batch.Find("side")!).Append(random.Next(2) == 0 ? "BUY" : "SELL");
            ((StringColumn)batch.Find("account")!).Append(string.Create(CultureInfo.InvariantCulture, $"ACC-{random.Next(2_000):D5}"));
            ((Int64Column)batch.Find("executed_at")!).Append(1_767_000_000_000_000 + (i * 1_000L));
        }

        return batch;
    }

    private static void Check(bool good, string? error)
    {
        if (!good)
            throw new InvalidOperationException(error);
    }

    private sealed record Trade
    {
        public string TradeId { get; init; } = "";

        public string Symbol { get; init; } = "";

        public double Price { get; init; }

        public long Quantity { get; init; }

        public string Side { get; init; } = "";

        public string Account { get; init; } = "";

        public DateTimeOffset ExecutedAt { get; init; }
    }
}
