using System.Buffers;
using System.Globalization;
using System.IO.Compression;
using System.Text;
using System.Text.Json;
using Parquet;
using Parquet.Schema;
using RealTimeMesh.Contracts;
using RealTimeMesh.Contracts.Containers;

namespace RealTimeMesh.Ingestion.Tests.Files;

/// <summary>Files of rows of the sample contract; row i has i in its field 'seconds'.</summary>
internal static class VisitFiles
{
    public static string Csv(int from, int count) => "place,seconds,score,at\n" + CsvRows(from, count);

    public static string CsvRows(int from, int count) =>
        string.Concat(Enumerable.Range(from, count).Select(i => string.Create(CultureInfo.InvariantCulture, $"P{i % 7},{i},{i / 2.0},{At(i):O}\n")));

    public static string Ndjson(int from, int count) => string.Concat(Enumerable.Range(from, count).Select(i =>
        JsonSerializer.Serialize(new { place = $"P{i % 7}", seconds = i, score = i / 2.0, at = At(i) }) + "\n"));

    public static byte[] Gzip(string text)
    {
        var output = new MemoryStream();
        using (var gzip = new GZipStream(output, CompressionLevel.Fastest, leaveOpen: true))
            gzip.Write(Encoding.UTF8.GetBytes(text));
        return output.ToArray();
    }

    public static byte[] Zstd(string text)
    {
        using var compressor = new ZstdSharp.Compressor();
        return compressor.Wrap(Encoding.UTF8.GetBytes(text)).ToArray();
    }

    public static byte[] Avro(int from, int count, string codec = "deflate", int blockRows = 50)
    {
        var stream = new MemoryStream();
        var writer = new AvroFileWriter(stream, Samples.Contract.Json, codec, [.. Enumerable.Range(100, 16).Select(i => (byte)i)]);
        var batch = new ColumnBatch(Samples.Contract.Rows);
        var record = new ArrayBufferWriter<byte>();
        for (var i = from; i < from + count; i++)
        {
            var builder = new RowBuilder(Samples.Contract.Rows, batch);
            Assert.True(builder.TrySetString(0, $"P{i % 7}", out _) && builder.TrySetInt64(1, i, out _) && builder.TrySetDouble(2, i / 2.0, out _) && builder.TrySetDateTime(3, At(i), out _) && builder.TryComplete(out _));
            record.ResetWrittenCount();
            Samples.Contract.Encode(batch, 0, record);
            writer.Add(record.WrittenSpan);
            batch.Clear();
            if ((i - from) % blockRows == blockRows - 1)
                writer.EndBlock();
        }

        writer.EndBlock();
        return stream.ToArray();
    }

    public static async Task<byte[]> ParquetAsync(int from, int count, int groupRows = 100)
    {
        var place = new DataField<string>("place");
        var seconds = new DataField<int>("seconds");
        var score = new DataField<double>("score");
        var at = new DateTimeDataField("at", DateTimeFormat.DateAndTimeMicros);
        var stream = new MemoryStream();
        await using (var writer = await ParquetWriter.CreateAsync(new ParquetSchema(place, seconds, score, at), stream))
        {
            foreach (var rows in Enumerable.Range(from, count).Chunk(groupRows))
            {
                using var group = writer.CreateRowGroup();
                await group.WriteAsync(place, rows.Select(i => $"P{i % 7}").ToArray());
                await group.WriteAsync<int>(seconds, rows);
                await group.WriteAsync<double>(score, rows.Select(i => i / 2.0).ToArray());
                await group.WriteAsync<DateTime>(at, rows.Select(At).ToArray());
            }
        }

        return stream.ToArray();
    }

    /// <summary>The numbers of the rows of stored events, in order.</summary>
    public static List<int> Numbers(IEnumerable<MemoryLog.Stored> stored) =>
        [.. MemoryLog.Rows(stored, Samples.Contract).Select(row => int.Parse(row.Split('|')[1], CultureInfo.InvariantCulture))];

    private static DateTime At(int i) => new DateTime(2026, 1, 1, 0, 0, 0, DateTimeKind.Utc).AddSeconds(i);
}
