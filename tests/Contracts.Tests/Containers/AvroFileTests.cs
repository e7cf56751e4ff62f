using System.Buffers;
using Avro.File;
using Avro.Generic;
using RealTimeMesh.Contracts.Containers;

namespace RealTimeMesh.Contracts.Tests.Containers;

public sealed class AvroFileTests
{
    private const string Schema = """{"type":"record","name":"Visit","fields":[{"name":"place","type":"string"},{"name":"seconds","type":"long"},{"name":"note","type":["null","string"],"default":null}]}""";

    private static readonly AvroContract Contract = AvroContract.Parse(Schema);

    public static TheoryData<string> Codecs => ["null", "deflate", "snappy", "zstandard"];

    [Theory]
    [MemberData(nameof(Codecs))]
    public async Task File_of_each_codec_gives_its_records_block_by_block(string codec)
    {
        var (rows, blocks) = await ReadAsync(new MemoryStream(Write(codec, [3, 1, 200])));
        Assert.Equal([3, 1, 200], blocks);
        Assert.Equal(Enumerable.Range(0, 204).Select(Text), rows);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task File_that_apache_avro_wrote_is_read_and_the_reverse(bool deflate)
    {
        var schema = (global::Avro.RecordSchema)global::Avro.Schema.Parse(Schema);
        var theirs = new MemoryStream();
        using (var writer = DataFileWriter<GenericRecord>.OpenWriter(new GenericDatumWriter<GenericRecord>(schema), theirs, Codec.CreateCodec(deflate ? Codec.Type.Deflate : Codec.Type.Null), leaveOpen: true))
        {
            for (var i = 0; i < 20_000; i++)
            {
                var record = new GenericRecord(schema);
                record.Add("place", $"P{i}");
                record.Add("seconds", (long)i);
                record.Add("note", i % 2 == 0 ? null : "n");
                writer.Append(record);
            }
        }

        theirs.Position = 0;
        var (rows, blocks) = await ReadAsync(theirs);
        Assert.Equal(Enumerable.Range(0, 20_000).Select(Text), rows);
        Assert.True(blocks.Count > 1);

        using var reader = DataFileReader<GenericRecord>.OpenReader(new MemoryStream(Write(deflate ? "deflate" : "null", [5, 5])));
        Assert.Equal(Enumerable.Range(0, 10).Select(i => (long)i), reader.NextEntries.Select(record => (long)record["seconds"]));
    }

    [Fact]
    public async Task Reading_resumes_at_a_block_that_was_told()
    {
        var file = Write("deflate", [10, 20, 30]);
        await using var first = await AvroFileReader.OpenAsync(new MemoryStream(file), cancellationToken: TestContext.Current.CancellationToken);
        await first.ReadBlockAsync(TestContext.Current.CancellationToken);
        await first.ReadBlockAsync(TestContext.Current.CancellationToken);
        await using var again = await AvroFileReader.OpenAsync(new MemoryStream(file), cancellationToken: TestContext.Current.CancellationToken);
        again.Seek(first.BlockOffset, first.BlockNumber);
        Assert.True(await again.ReadBlockAsync(TestContext.Current.CancellationToken));
        Assert.Equal((1, 20, first.BlockOffset), (again.BlockNumber, again.BlockRecords, again.BlockOffset));
        Assert.Equal(first.Block.ToArray(), again.Block.ToArray());
        Assert.True(await again.ReadBlockAsync(TestContext.Current.CancellationToken));
        Assert.False(await again.ReadBlockAsync(TestContext.Current.CancellationToken));
    }

    [Theory]
    [MemberData(nameof(Codecs))]
    public async Task Corrupt_block_is_named_with_its_offset_and_skipped_to_the_next(string codec)
    {
        var file = Write(codec, [10, 20, 30]);
        await using var sound = await AvroFileReader.OpenAsync(new MemoryStream(file), cancellationToken: TestContext.Current.CancellationToken);
        await sound.ReadBlockAsync(TestContext.Current.CancellationToken);
        await sound.ReadBlockAsync(TestContext.Current.CancellationToken);
        var offset = sound.BlockOffset;
        // The length of the block, so that every codec sees it.
        file[(int)offset + 1] ^= 0x7E;
        await using var reader = await AvroFileReader.OpenAsync(new MemoryStream(file), cancellationToken: TestContext.Current.CancellationToken);
        Assert.True(await reader.ReadBlockAsync(TestContext.Current.CancellationToken));
        var broken = await Assert.ThrowsAsync<AvroFileException>(() => reader.ReadBlockAsync(TestContext.Current.CancellationToken).AsTask());
        Assert.Equal((1, offset), (broken.Block, broken.Offset));
        Assert.Contains($"block 1 at offset {offset}", broken.Message, StringComparison.Ordinal);
        Assert.True(await reader.SkipAsync(TestContext.Current.CancellationToken));
        Assert.True(await reader.ReadBlockAsync(TestContext.Current.CancellationToken));
        Assert.Equal((2, 30), (reader.BlockNumber, reader.BlockRecords));
        Assert.False(await reader.ReadBlockAsync(TestContext.Current.CancellationToken));
    }

    [Theory]
    [MemberData(nameof(Codecs))]
    public async Task File_cut_anywhere_gives_its_whole_blocks_and_then_says_where_it_ends(string codec)
    {
        var file = Write(codec, [2, 2]);
        await using var sound = await AvroFileReader.OpenAsync(new MemoryStream(file), cancellationToken: TestContext.Current.CancellationToken);
        List<long> starts = [];
        while (await sound.ReadBlockAsync(TestContext.Current.CancellationToken))
            starts.Add(sound.BlockOffset);
        starts.Add(file.Length);
        for (var length = 0; length < file.Length; length++)
        {
            var stream = new MemoryStream(file, 0, length);
            if (length < starts[0])
            {
                await Assert.ThrowsAsync<AvroFileException>(() => AvroFileReader.OpenAsync(stream, cancellationToken: TestContext.Current.CancellationToken).AsTask());
                continue;
            }

            await using var reader = await AvroFileReader.OpenAsync(stream, cancellationToken: TestContext.Current.CancellationToken);
            var whole = 0;
            AvroFileException? broken = null;
            try
            {
                while (await reader.ReadBlockAsync(TestContext.Current.CancellationToken))
                    whole++;
            }
            catch (AvroFileException e)
            {
                broken = e;
            }

            Assert.Equal(starts.Count(start => start <= length) - 1, whole);
            Assert.Equal(starts.Contains(length), broken is null);
        }
    }

    [Theory]
    [MemberData(nameof(Codecs))]
    public async Task Flipped_bits_never_do_more_than_break_a_block_or_change_a_value(string codec)
    {
        var file = Write(codec, [40, 1, 40]);
        var random = new Random(17);
        for (var round = 0; round < 1_500; round++)
        {
            var bytes = (byte[])file.Clone();
            for (var flips = random.Next(1, 4); flips > 0; flips--)
                bytes[random.Next(bytes.Length)] ^= (byte)(1 << random.Next(8));
            try
            {
                await using var reader = await AvroFileReader.OpenAsync(new MemoryStream(bytes), new AvroFileOptions { MaxUnpackedBytes = 1 << 20 }, TestContext.Current.CancellationToken);
                var rows = new AvroBlockRows(Contract, reader.Schema);
                var output = new ColumnBatch(Contract.Rows);
                while (true)
                {
                    try
                    {
                        if (!await reader.ReadBlockAsync(TestContext.Current.CancellationToken))
                            break;
                        for (var (offset, left) = (0, reader.BlockRecords); left > 0 && rows.Read(reader.Block.Span, ref offset, output, out _) != BlockRow.Broken; left--)
                            output.Clear();
                        output.Clear();
                    }
                    catch (AvroFileException)
                    {
                        if (!await reader.SkipAsync(TestContext.Current.CancellationToken))
                            break;
                    }
                }
            }
            catch (AvroFileException)
            {
            }
            catch (ContractException)
            {
                // A flipped schema may be a sound one that does not fit.
            }
        }
    }

    [Fact]
    public async Task Unknown_codec_is_refused_by_name()
    {
        var bytes = Write("null", [1]);
        var at = bytes.AsSpan().IndexOf("null"u8);
        while (bytes[at - 1] != 8)
            at += 1 + bytes.AsSpan(at + 1).IndexOf("null"u8);
        "lzma"u8.CopyTo(bytes.AsSpan(at));
        var refused = await Assert.ThrowsAsync<AvroFileException>(() => AvroFileReader.OpenAsync(new MemoryStream(bytes), cancellationToken: TestContext.Current.CancellationToken).AsTask());
        Assert.Contains("codec 'lzma'", refused.Message, StringComparison.Ordinal);
        Assert.Contains("zstandard", refused.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("deflate")]
    [InlineData("snappy")]
    [InlineData("zstandard")]
    public async Task Block_that_unpacks_beyond_the_limit_is_broken(string codec)
    {
        var stream = new MemoryStream();
        var writer = new AvroFileWriter(stream, Schema, codec);
        writer.Add(new byte[4_000_000]);
        writer.EndBlock();
        stream.Position = 0;
        await using var reader = await AvroFileReader.OpenAsync(stream, new AvroFileOptions { MaxUnpackedBytes = 1_000_000 }, TestContext.Current.CancellationToken);
        var broken = await Assert.ThrowsAsync<AvroFileException>(() => reader.ReadBlockAsync(TestContext.Current.CancellationToken).AsTask());
        Assert.Contains("more than 1000000 bytes unpacked", broken.Message, StringComparison.Ordinal);
    }

    private static byte[] Write(string codec, int[] blocks)
    {
        var stream = new MemoryStream();
        var writer = new AvroFileWriter(stream, Schema, codec, [.. Enumerable.Range(100, 16).Select(i => (byte)i)]);
        var batch = new ColumnBatch(Contract.Rows);
        var record = new ArrayBufferWriter<byte>();
        var row = 0;
        foreach (var count in blocks)
        {
            for (var i = 0; i < count; i++, row++)
            {
                var builder = new RowBuilder(Contract.Rows, batch);
                Assert.True(builder.TrySetString(0, $"P{row}", out _) && builder.TrySetInt64(1, row, out _) && (row % 2 == 0 || builder.TrySetString(2, "n", out _)) && builder.TryComplete(out _));
                record.ResetWrittenCount();
                Contract.Encode(batch, 0, record);
                writer.Add(record.WrittenSpan);
                batch.Clear();
            }

            writer.EndBlock();
        }

        return stream.ToArray();
    }

    private static async Task<(List<string> Rows, List<int> Blocks)> ReadAsync(Stream stream)
    {
        await using var reader = await AvroFileReader.OpenAsync(stream, cancellationToken: TestContext.Current.CancellationToken);
        var records = new AvroBlockRows(Contract, reader.Schema);
        var output = new ColumnBatch(Contract.Rows);
        List<string> rows = [];
        List<int> blocks = [];
        while (await reader.ReadBlockAsync(TestContext.Current.CancellationToken))
        {
            var offset = 0;
            for (var i = 0; i < reader.BlockRecords; i++)
            {
                Assert.Equal(BlockRow.Row, records.Read(reader.Block.Span, ref offset, output, out var error));
                Assert.Null(error);
                rows.Add(string.Join('|', output.Columns.Select(column => column.GetValue(0) ?? "null")));
                output.Clear();
            }

            Assert.Equal(reader.Block.Length, offset);
            blocks.Add((int)reader.BlockRecords);
        }

        return (rows, blocks);
    }

    private static string Text(int row) => $"P{row}|{row}|{(row % 2 == 0 ? "null" : "n")}";
}
