using System.Text;

namespace RealTimeMesh.DeltaLake.Tests;

public sealed class DeletionVectorTests : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("delta-dv-").FullName;

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public void Z85_is_that_of_the_RFC()
    {
        byte[] bytes = [0x86, 0x4F, 0xD2, 0x6F, 0xB5, 0x59, 0xF7, 0x5B];
        Assert.Equal("HelloWorld", Z85.Encode(bytes));
        Assert.Equal(bytes, Z85.Decode("HelloWorld", 8));
    }

    [Fact]
    public void Z85_of_any_length_is_read_from_Sparks_form_and_from_that_of_Rust()
    {
        var random = new Random(3);
        for (var length = 0; length < 40; length++)
        {
            var bytes = new byte[length];
            random.NextBytes(bytes);
            Assert.Equal(bytes, Z85.Decode(Z85.Encode(bytes), length));
            Assert.Equal(bytes, Z85.Decode(RustForm(bytes), length));
        }
    }

    [Theory]
    [InlineData("Hell", 3)]
    [InlineData("Hell~", 4)]
    [InlineData("Hellö", 4)]
    [InlineData("%%%%%", 4)]
    [InlineData("####0", 0)]
    [InlineData("Hello", 5)]
    [InlineData("##00aHello", 6)]
    public void Z85_that_is_none_is_refused(string text, int size) => Assert.Throws<FormatException>(() => Z85.Decode(text, size));

    [Fact]
    public async Task The_inline_vector_of_the_protocols_example_is_read()
    {
        // The example is in Spark's older form, big-endian.
        var example = new DeletionVectorDescriptor("i", "wi5b=000010000siXQKl0rr91000f55c8Xg0@@D72lkbi5=-{L", null, 40, 6);
        Assert.Equal([3L, 4, 7, 11, 18, 29], await DeletionVectorReader.ReadAsync(_folder, example, Token));
        var vector = new DeletionVectorDescriptor("i", "^Bg9^0rr910000000000iXQKl0rr91000f55c8Xg0@@D72lkbi5=-{L", null, 44, 6);
        Assert.Equal([3L, 4, 7, 11, 18, 29], await DeletionVectorReader.ReadAsync(_folder, vector, Token));
        Assert.Equal(vector, DeletionVectorDescriptor.Inline(new RoaringBitmap64([3, 4, 7, 11, 18, 29])));
    }

    [Fact]
    public void The_file_of_a_vector_is_named_by_its_UUID_in_the_folder_of_its_prefix()
    {
        Assert.Equal("ab/deletion_vector_d2c639aa-8816-431a-aaf6-d3fe2512ff61.bin", new DeletionVectorDescriptor("u", "ab^-aqEH.-t@S}K{vb[*k^", 4, 40, 6).FilePath(_folder));
        Assert.Equal("/data/a b.bin", new DeletionVectorDescriptor("p", "file:///data/a%20b.bin", 1, 40, 6).FilePath(_folder));
        Assert.Null(new DeletionVectorDescriptor("i", "abc", null, 40, 6).FilePath(_folder));
        foreach (var wrong in new[] { new DeletionVectorDescriptor("x", "abc", 1, 1, 1), new DeletionVectorDescriptor("u", "short", 1, 1, 1), new DeletionVectorDescriptor("p", "s3://bucket/x.bin", 1, 1, 1) })
            Assert.Contains(wrong.UniqueId, Assert.Throws<DeltaException>(() => wrong.FilePath(_folder)).Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("kernelj_dv_small", 1, 2)]
    [InlineData("golden_dv_partitioned_checkpoint", 2, 2)]
    public async Task Vectors_that_Spark_wrote_are_read_and_written_alike(string name, int vectors, long rows)
    {
        var table = SharedTables.Table(name);
        var live = new Dictionary<FileKey, DeletionVectorDescriptor>();
        foreach (var path in Directory.GetFiles(Path.Combine(table, "_delta_log"), "*.json").Order(StringComparer.Ordinal))
        {
            var commit = ActionReader.Read(table, 0, await File.ReadAllBytesAsync(path, Token));
            foreach (var file in commit.Removes)
                live.Remove(file.Key);
            foreach (var file in commit.Adds.Where(file => file.DeletionVector is not null))
                live.Add(file.Key, file.DeletionVector!);
        }

        Assert.Equal(vectors, live.Count);
        long sum = 0;
        foreach (var vector in live.Values)
        {
            var read = await DeletionVectorReader.ReadAsync(table, vector, Token);
            sum += read.Cardinality;
            Assert.Equal(vector.SizeInBytes, RoaringWriter.Write(read).Length);
        }

        Assert.Equal(rows, sum);
    }

    [Fact]
    public async Task Many_vectors_share_a_file()
    {
        var random = new Random(11);
        var sets = Enumerable.Range(0, 20).Select(_ => new RoaringBitmap64(Enumerable.Range(0, random.Next(1, 9000)).Select(_ => random.NextInt64(200_000)))).ToList();
        var vectors = await WriteAsync([.. sets]);
        Assert.Single(Directory.GetFiles(_folder));
        for (var i = 0; i < sets.Count; i++)
            Assert.Equal(sets[i].Order(), await DeletionVectorReader.ReadAsync(_folder, vectors[i], Token));
        Assert.Equal(1, vectors[0].Offset);
        Assert.Equal(vectors.Count, vectors.Select(vector => vector.UniqueId).Distinct().Count());
        // An absolute path to the same file.
        var path = new Uri(Directory.GetFiles(_folder)[0]).AbsoluteUri;
        Assert.Equal(sets[3], await DeletionVectorReader.ReadAsync("/elsewhere", vectors[3] with { StorageType = "p", PathOrInlineDv = path }, Token));
    }

    [Fact]
    public async Task A_damaged_vector_is_an_error_that_says_what_is_wrong()
    {
        var vector = (await WriteAsync(new RoaringBitmap64([1, 5, 9])))[0];
        var path = Directory.GetFiles(_folder)[0];
        var whole = await File.ReadAllBytesAsync(path, Token);
        await AssertFaultAsync(vector with { Cardinality = 4 }, "3 rows; expected 4");
        await AssertFaultAsync(vector with { SizeInBytes = vector.SizeInBytes - 1 }, "size");
        await AssertFaultAsync(vector with { Offset = 1000 }, "expected");
        await AssertFaultAsync(vector with { SizeInBytes = -5 }, "expected");
        whole[20] ^= 1;
        await File.WriteAllBytesAsync(path, whole, Token);
        await AssertFaultAsync(vector, "checksum");
        whole[0] = 9;
        await File.WriteAllBytesAsync(path, whole, Token);
        await AssertFaultAsync(vector, "file format 9; expected 1");
        await File.WriteAllBytesAsync(path, whole.AsMemory(0, 12), Token);
        await AssertFaultAsync(vector, "12 bytes");
        File.Delete(path);
        await AssertFaultAsync(vector, "deletion_vector_");
        await AssertFaultAsync(new DeletionVectorDescriptor("i", "wi5b=00001", null, 40, 6), "inline");
    }

    private async Task AssertFaultAsync(DeletionVectorDescriptor vector, string expected)
    {
        var fault = await Assert.ThrowsAsync<DeltaException>(() => DeletionVectorReader.ReadAsync(_folder, vector, Token));
        Assert.Contains(expected, fault.Message, StringComparison.Ordinal);
    }

    private async Task<List<DeletionVectorDescriptor>> WriteAsync(params RoaringBitmap64[] sets)
    {
        await using var file = await DeletionVectorFile.CreateAsync(_folder, Guid.NewGuid(), Token);
        List<DeletionVectorDescriptor> vectors = [];
        foreach (var set in sets)
            vectors.Add(await file.AddAsync(set, Token));
        await file.CompleteAsync(Token);
        return vectors;
    }

    /// <summary>The last group as the number of its bytes, behind one # for each that is missing.</summary>
    private static string RustForm(byte[] bytes)
    {
        var rest = bytes.Length % 4;
        var whole = Z85.Encode(bytes.AsSpan(0, bytes.Length - rest));
        if (rest == 0)
            return whole;
        var group = new byte[4];
        bytes.AsSpan(bytes.Length - rest).CopyTo(group.AsSpan(4 - rest));
        return new StringBuilder(whole).Append('#', 4 - rest).Append(Z85.Encode(group).AsSpan(4 - rest)).ToString();
    }

    public void Dispose() => Directory.Delete(_folder, recursive: true);
}
