namespace RealTimeMesh.DeltaLake.Tests;

public sealed class RoaringBitmapTests
{
    public static TheoryData<int> Seeds => [.. Enumerable.Range(0, 40)];

    [Theory]
    [MemberData(nameof(Seeds))]
    public void A_random_set_is_written_and_read_whole(int seed)
    {
        var random = new Random(seed);
        var rows = Rows(random);
        var bitmap = new RoaringBitmap64(rows.OrderBy(_ => random.Next()));
        var read = RoaringReader.Read(RoaringWriter.Write(bitmap).Span);
        Assert.True(rows.Order().SequenceEqual(read));
        Assert.Equal(rows.Count, read.Cardinality);
        var all = rows.ToArray();
        for (var i = 0; i < 1000; i++)
        {
            var probe = all[random.Next(all.Length)] + random.Next(-2, 3);
            Assert.Equal(rows.Contains(probe), read.Contains(probe));
        }

        foreach (var (first, last) in read.Ranges())
            Assert.True(first <= last && rows.Contains(first) && rows.Contains(last));
        Assert.Equal(rows.Count, read.Ranges().Sum(range => range.Last - range.First + 1));
    }

    [Theory]
    [MemberData(nameof(Seeds))]
    public void Union_and_difference_are_those_of_sets(int seed)
    {
        var random = new Random(seed + 1000);
        var (a, b) = (Rows(random), Rows(random));
        b.UnionWith(a.Where(_ => random.Next(3) == 0));
        var right = RoaringReader.Read(RoaringWriter.Write(new RoaringBitmap64(b)).Span);
        var union = RoaringReader.Read(RoaringWriter.Write(new RoaringBitmap64(a)).Span);
        union.UnionWith(right);
        Assert.True(a.Union(b).Order().SequenceEqual(union));
        var difference = new RoaringBitmap64(a);
        difference.ExceptWith(right);
        Assert.True(a.Except(b).Order().SequenceEqual(difference));
        Assert.True(b.Order().SequenceEqual(right));
        Assert.True(b.Order().SequenceEqual(right.Clone()));
        // What was read as runs can be changed.
        var extra = (random.NextInt64(1L << 20), random.NextInt64(1L << 35));
        right.Add(extra.Item1);
        right.Add(extra.Item2);
        b.UnionWith([extra.Item1, extra.Item2]);
        Assert.True(b.Order().SequenceEqual(right));
    }

    [Fact]
    public void Ranges_cross_containers_and_cost_a_few_bytes()
    {
        var bitmap = new RoaringBitmap64();
        bitmap.AddRange(65_530, 10_000_000);
        bitmap.AddRange(5, 4);
        Assert.Equal(10_000_000 - 65_530 + 1, bitmap.Cardinality);
        var bytes = RoaringWriter.Write(bitmap);
        Assert.InRange(bytes.Length, 1, 5000);
        var read = RoaringReader.Read(bytes.Span);
        Assert.Equal(bitmap.Cardinality, read.Cardinality);
        Assert.True(read.Contains(65_530) && read.Contains(65_536) && read.Contains(10_000_000));
        Assert.False(read.Contains(65_529) || read.Contains(10_000_001) || read.Contains(-1));
    }

    [Fact]
    public void Damaged_bytes_are_a_format_fault_and_never_another()
    {
        var random = new Random(7);
        var bytes = RoaringWriter.Write(new RoaringBitmap64(Rows(random))).ToArray();
        for (var i = 0; i < 500; i++)
        {
            var damaged = bytes[..random.Next(bytes.Length + 1)];
            for (var flips = random.Next(4); flips > 0 && damaged.Length > 0; flips--)
                damaged[random.Next(Math.Min(damaged.Length, 64))] ^= (byte)(1 << random.Next(8));
            try
            {
                RoaringReader.Read(damaged);
            }
            catch (FormatException)
            {
                // Expected of most; a flipped bit may also give another set, which the checksum of the file tells.
            }
        }
    }

    [Fact]
    public void The_older_form_of_Spark_is_read()
    {
        var portable = RoaringWriter.Write(new RoaringBitmap64([1, 2, 3, 1000])).ToArray();
        var bitmap = portable[16..];
        byte[] native = [.. BitConverter.GetBytes(RoaringReader.NativeMagic), .. BitConverter.GetBytes(1), .. BitConverter.GetBytes(bitmap.Length), .. bitmap];
        Assert.Equal([1L, 2, 3, 1000], RoaringReader.Read(native));
    }

    /// <summary>Single rows, stretches and dense areas, over several containers and sometimes beyond 32 bits.</summary>
    private static HashSet<long> Rows(Random random)
    {
        var rows = new HashSet<long>();
        for (var part = random.Next(1, 8); part > 0; part--)
        {
            var start = random.NextInt64(random.Next(4) == 0 ? 1L << 36 : 1L << 21);
            var length = random.Next(1, 30_000);
            var step = random.Next(1, random.Next(2) == 0 ? 3 : 200);
            for (long row = start; row < start + length; row += random.Next(1, step + 1))
                rows.Add(row);
        }

        return rows;
    }
}
