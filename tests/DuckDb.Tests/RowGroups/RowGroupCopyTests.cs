using System.Globalization;
using Parquet;
using Parquet.Schema;
using ParquetSharp;
using RealTimeMesh.DuckDb.RowGroups;

namespace RealTimeMesh.DuckDb.Tests.RowGroups;

/// <summary>Row groups copied byte by byte are read by DuckDB, Arrow and Parquet.Net as they were.</summary>
public sealed class RowGroupCopyTests : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("mesh-groups-").FullName;
    private readonly DuckDbSession _session = DuckDbSession.Open(new DuckDbOptions());

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    public void Dispose()
    {
        _session.Dispose();
        Directory.Delete(_folder, recursive: true);
    }

    [Theory]
    [InlineData("duckdb")]
    [InlineData("arrow")]
    [InlineData("arrow, second version of pages")]
    public async Task Chosen_row_groups_of_any_writer_are_read_by_every_reader(string writer)
    {
        var path = Path.Combine(_folder, "a.parquet");
        await WriteAsync(writer, path);
        var footer = ParquetFooter.TryRead(path)!;
        Assert.Equal(10, footer.Groups.Count);
        foreach (var chosen in new int[][] { [0], [9], [1, 2, 3, 7], [8, 4, 5], [.. Enumerable.Range(0, 10)] })
        {
            var copy = Path.Combine(_folder, $"{string.Join('-', chosen)}.parquet");
            IReadOnlyList<RowGroup> groups = [.. chosen.Select(i => footer.Groups[i])];
            Assert.True(PageWalk.Fits(footer, groups, Cancel));
            RowGroupCopy.Write(copy, [(footer, groups)], Cancel);
            var rows = groups.SelectMany(group => Enumerable.Range((int)group.First, (int)group.Rows)).ToList();
            Assert.Equal((rows.Count, rows.Sum(id => (long)id)), IndependentReaders.WithArrow(copy, "id"));
            // Parquet.Net does not read the second version of pages.
            if (!writer.EndsWith("pages", StringComparison.Ordinal))
                Assert.Equal((rows.Count, rows.Sum(id => (long)id)), await IndependentReaders.WithParquetNetAsync(copy, "id"));
            var where = string.Join(" OR ", groups.Select(group => string.Create(CultureInfo.InvariantCulture, $"id BETWEEN {group.First} AND {group.End - 1}")));
            Assert.Equal(await DigestAsync($"read_parquet('{path}') t WHERE {where}"), await DigestAsync($"read_parquet('{copy}') t"));
            // Filters go by the statistics and Bloom filters that were copied too.
            Assert.Equal(1, await _session.CountAsync($"SELECT count(*) FROM read_parquet('{copy}') WHERE id = {rows[17]}", Cancel));
            Assert.Equal(await _session.CountAsync($"SELECT count(*) FROM read_parquet('{path}') WHERE ({where}) AND name = 'name 5'", Cancel), await _session.CountAsync($"SELECT count(*) FROM read_parquet('{copy}') WHERE name = 'name 5'", Cancel));
        }
    }

    [Fact]
    public async Task Bloom_filters_are_copied_and_groups_of_alike_files_put_together()
    {
        var (one, two) = (Path.Combine(_folder, "a.parquet"), Path.Combine(_folder, "b.parquet"));
        await WriteAsync("duckdb", one);
        await _session.ExecuteAsync($"COPY (SELECT * REPLACE (id + 100000 AS id) FROM read_parquet('{one}')) TO '{two}' (FORMAT PARQUET, ROW_GROUP_SIZE 2048)", Cancel);
        var (first, second) = (ParquetFooter.TryRead(one)!, ParquetFooter.TryRead(two)!);
        Assert.True(first.IsAlike(second));
        var both = Path.Combine(_folder, "both.parquet");
        RowGroupCopy.Write(both, [(first, [first.Groups[3]]), (second, second.Groups)], Cancel);
        Assert.Equal(await DigestAsync($"(SELECT * FROM read_parquet('{one}') WHERE id BETWEEN {first.Groups[3].First} AND {first.Groups[3].End - 1} UNION ALL SELECT * FROM read_parquet('{two}')) t"), await DigestAsync($"read_parquet('{both}') t"));
        Assert.Equal(first.Groups[3].Rows + second.Rows, IndependentReaders.WithArrow(both, "id").Rows);
        var filters = await _session.RowsAsync($"SELECT count(*), count(DISTINCT bloom_filter_offset) FROM parquet_metadata('{both}') WHERE bloom_filter_length > 0", Cancel);
        Assert.True((long)filters[0][0]! > 10);
        Assert.Equal(filters[0][0], filters[0][1]);
        var excluded = (await _session.RowsAsync($"SELECT count(*) FROM parquet_bloom_probe('{both}', 'name', 'no such name') WHERE bloom_filter_excludes", Cancel))[0][0];
        Assert.True((long)excluded! > 0);

        var other = Path.Combine(_folder, "c.parquet");
        await WriteAsync("arrow", other);
        Assert.False(first.IsAlike(ParquetFooter.TryRead(other)!));
    }

    [Fact]
    public async Task Lengths_that_do_not_hold_the_pages_are_noticed()
    {
        var path = Path.Combine(_folder, "a.parquet");
        await WriteAsync("duckdb", path);
        var footer = ParquetFooter.TryRead(path)!;
        var group = footer.Groups[2];
        foreach (var wrong in new Func<ColumnPages, ColumnPages>[]
        {
            column => column with { Length = column.Length - 1 }, column => column with { Length = column.Length + 1 }, column => column with { Length = 3 },
            column => column with { Start = column.Start + 1 }, column => column with { Values = column.Values + 1 },
        })
            Assert.False(PageWalk.Fits(footer, [group with { Columns = [wrong(group.Columns[0]), .. group.Columns.Skip(1)] }], Cancel));
    }

    [Fact]
    public async Task Files_that_are_encrypted_torn_or_no_Parquet_are_left_alone()
    {
        var path = Path.Combine(_folder, "a.parquet");
        await WriteAsync("duckdb", path);
        var bytes = await File.ReadAllBytesAsync(path, Cancel);
        foreach (var length in new[] { 0, 4, 11, 12, bytes.Length / 2, bytes.Length - 1 })
        {
            var torn = Path.Combine(_folder, $"torn{length}");
            await File.WriteAllBytesAsync(torn, bytes[..length], Cancel);
            Assert.Null(ParquetFooter.TryRead(torn));
        }

        var random = new Random(1);
        for (var round = 0; round < 300; round++)
        {
            var broken = (byte[])bytes.Clone();
            var footer = bytes.Length - 8 - BitConverter.ToInt32(bytes, bytes.Length - 8);
            for (var i = 0; i < 3; i++)
                broken[random.Next(footer, bytes.Length)] = (byte)random.Next(256);
            await File.WriteAllBytesAsync(Path.Combine(_folder, "broken"), broken, Cancel);
            // Whatever it says: no other fault than "cannot be copied".
            if (ParquetFooter.TryRead(Path.Combine(_folder, "broken")) is { } read)
                PageWalk.Fits(read, read.Groups, Cancel);
        }

        // Without the order of its columns nobody knows what a file's bounds mean.
        var unordered = Path.Combine(_folder, "unordered");
        await WriteAsync("parquet.net", unordered);
        Assert.Null(ParquetFooter.TryRead(unordered));
        await _session.ExecuteAsync($"SET force_mbedtls_unsafe = 'true'; PRAGMA add_parquet_key('k', '0123456789112345'); COPY (SELECT 1 AS id) TO '{_folder}/secret' (FORMAT PARQUET, ENCRYPTION_CONFIG {{footer_key: 'k'}})", Cancel);
        Assert.Null(ParquetFooter.TryRead(Path.Combine(_folder, "secret")));
    }

    /// <summary>20,480 rows in ten groups: id, name, real (with nulls), nested.</summary>
    private async Task WriteAsync(string writer, string path)
    {
        const int Rows = 20_480, Group = 2048;
        if (writer == "duckdb")
        {
            await _session.ExecuteAsync($"COPY (SELECT i AS id, 'name ' || (i % 50) AS name, CASE WHEN i % 3 = 0 THEN NULL ELSE i * 0.5::DOUBLE END AS real, [i, NULL, i + 1] AS list, {{'a': i, 'b': 'x' || i}} AS s FROM range({Rows}) r(i) ORDER BY i) TO '{path}' (FORMAT PARQUET, COMPRESSION ZSTD, ROW_GROUP_SIZE {Group})", Cancel);
            return;
        }

        var ids = Enumerable.Range(0, Rows).Select(i => (long)i).ToArray();
        if (writer.StartsWith("arrow", StringComparison.Ordinal))
        {
            using var properties = new WriterPropertiesBuilder().Compression(Compression.Snappy).DataPagesize(4096).EnableWritePageIndex().Version(ParquetVersion.PARQUET_2_6).DataPageVersion(writer == "arrow" ? ParquetDataPageVersion.V1 : ParquetDataPageVersion.V2).Build();
            using var file = new ParquetFileWriter(path, [new Column<long?>("id"), new Column<string>("name"), new Column<double?>("real"), new Column<long?[]>("list")], properties);
            foreach (var chunk in ids.Chunk(Group))
            {
                using var group = file.AppendRowGroup();
                using (var column = group.NextColumn().LogicalWriter<long?>())
                    column.WriteBatch([.. chunk.Select(i => (long?)i)]);
                using (var column = group.NextColumn().LogicalWriter<string>())
                    column.WriteBatch([.. chunk.Select(i => $"name {i % 50}")]);
                using (var column = group.NextColumn().LogicalWriter<double?>())
                    column.WriteBatch([.. chunk.Select(i => i % 3 == 0 ? (double?)null : i * 0.5)]);
                using (var column = group.NextColumn().LogicalWriter<long?[]>())
                    column.WriteBatch([.. chunk.Select(i => i % 4 == 0 ? [] : new long?[] { i, null, i + 1 })]);
            }

            file.Close();
            return;
        }

        var (id, name) = (new DataField("id", typeof(long), false), new DataField("name", typeof(string), false));
        await using var output = File.Create(path);
        await using var parquet = await ParquetWriter.CreateAsync(new ParquetSchema(id, name), output, cancellationToken: Cancel);
        foreach (var chunk in ids.Chunk(Group))
        {
            using var group = parquet.CreateRowGroup();
            await group.WriteAsync<long>(id, chunk, cancellationToken: Cancel);
            await group.WriteAsync(name, (IReadOnlyCollection<string>)[.. chunk.Select(i => $"name {i % 50}")]);
        }
    }

    private async Task<string> DigestAsync(string from)
    {
        var row = (await _session.RowsAsync($"SELECT count(*), sum(hash(t::VARCHAR))::VARCHAR FROM {from}", Cancel))[0];
        return string.Create(CultureInfo.InvariantCulture, $"{row[0]} rows, {row[1]}");
    }
}
