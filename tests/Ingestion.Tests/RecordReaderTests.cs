using System.Security.Cryptography;
using System.Text;
using RealTimeMesh.Ingestion.Rows;
using RealTimeMesh.Ingestion.Sources.Files;

namespace RealTimeMesh.Ingestion.Tests;

public sealed class RecordReaderTests
{
    private static readonly IngestionOptions Small = new() { MaxEventBytes = 1_000, KeepWholeBytes = 400_000, KeepHeadBytes = 100 };

    [Theory]
    [InlineData("a\nb\r\n\r\n  \nc", "a|b|c")]
    [InlineData("\uFEFFa\nb\n", "a|b")]
    [InlineData("", "")]
    [InlineData("\n\n", "")]
    [InlineData("one \"quoted\nline", "one \"quoted|line")]
    public async Task Lines_are_split_whatever_the_pieces_they_arrive_in(string text, string expected)
    {
        for (var piece = 1; piece <= text.Length + 1; piece++)
        {
            var (records, offset) = await ReadAsync(Encoding.UTF8.GetBytes(text), piece, quoted: false);
            Assert.Equal(expected, string.Join('|', records.Select(record => Encoding.UTF8.GetString(record.Bytes))));
            Assert.Equal(Encoding.UTF8.GetByteCount(text), offset);
        }
    }

    [Theory]
    [InlineData("a,\"x\ny\"\nb", "a,\"x\ny\"|b")]
    [InlineData("a,\"say \"\"hi\"\"\n\"\nb\n", "a,\"say \"\"hi\"\"\n\"|b")]
    [InlineData("a,\"never closed\nb\nc\n", "a,\"never closed|b|c")]
    public async Task Quoted_line_breaks_stay_in_their_record_and_an_open_quote_costs_one_line(string text, string expected)
    {
        for (var piece = 1; piece <= text.Length; piece++)
        {
            var (records, _) = await ReadAsync(Encoding.UTF8.GetBytes(text), piece, quoted: true);
            Assert.Equal(expected, string.Join('|', records.Select(record => Encoding.UTF8.GetString(record.Bytes))));
        }
    }

    [Fact]
    public async Task An_open_quote_does_not_swallow_a_long_file()
    {
        var lines = Enumerable.Range(0, 500).Select(i => i == 3 ? "3,\"open" : $"{i},x");
        var (records, _) = await ReadAsync(Encoding.UTF8.GetBytes(string.Join('\n', lines)), 4096, quoted: true);
        Assert.Equal(500, records.Count);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Of_a_record_beyond_the_keep_limit_head_length_and_hash_are_kept(bool quoted)
    {
        var giant = new byte[1_500_000];
        new Random(1).NextBytes(giant);
        giant.AsSpan().Replace((byte)'\n', (byte)'"');
        byte[] text = [.. "before\n"u8, .. giant, .. "\nafter"u8];
        var (records, offset) = await ReadAsync(text, 50_000, quoted);
        Assert.Equal(3, records.Count);
        Assert.Equal(giant[..100], records[1].Bytes);
        Assert.Equal(giant.Length, records[1].Length);
        Assert.Equal(SHA256.HashData(giant), records[1].Sha256);
        Assert.Equal("after", Encoding.UTF8.GetString(records[2].Bytes));
        Assert.Equal(text.Length, offset);
    }

    [Fact]
    public async Task Reading_from_the_offset_of_any_record_gives_the_rest()
    {
        var text = Encoding.UTF8.GetBytes(string.Join("\r\n", Enumerable.Range(0, 50).Select(i => new string('x', i * 7 % 40 + 1) + i)) + "\n\n");
        var (all, _) = await ReadAsync(text, 64, quoted: false);
        using var reader = new RecordReader(new MemoryStream(text), Small);
        List<long> offsets = [0];
        do
        {
            while (reader.TryRead(out _))
                offsets.Add(reader.Offset);
        }
        while (await reader.FillAsync(default));
        for (var i = 0; i < all.Count; i++)
        {
            var (rest, _) = await ReadAsync(text[(int)offsets[i]..], 64, quoted: false);
            Assert.Equal(all.Skip(i).Select(record => record.Bytes), rest.Select(record => record.Bytes));
        }
    }

    private static async Task<(List<(byte[] Bytes, long Length, byte[]? Sha256)> Records, long Offset)> ReadAsync(byte[] text, int piece, bool quoted)
    {
        List<(byte[], long, byte[]?)> found = [];
        if (quoted)
        {
            using var records = new CsvRecords(new Pieces(text, piece), Small, CsvSyntax.Default);
            do
            {
                while (records.TryRead(out var record))
                    found.Add((record.Bytes.ToArray(), record.Length, record.Sha256));
            }
            while (await records.FillAsync(default));
            return (found, records.Offset);
        }

        using var reader = new RecordReader(new Pieces(text, piece), Small);
        do
        {
            while (reader.TryRead(out var record))
                found.Add((record.Bytes.ToArray(), record.Length, record.Sha256));
        }
        while (await reader.FillAsync(default));
        return (found, reader.Offset);
    }

    /// <summary>A stream that gives a few bytes at a time.</summary>
    private sealed class Pieces(byte[] bytes, int piece) : MemoryStream(bytes)
    {
        public override ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default) =>
            base.ReadAsync(buffer[..Math.Min(piece, buffer.Length)], cancellationToken);
    }
}
