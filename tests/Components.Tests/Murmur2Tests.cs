using System.Text;

namespace RealTimeMesh.Components.Tests;

public sealed class Murmur2Tests
{
    [Theory]
    [InlineData("21", -973932308)]
    [InlineData("foobar", -790332482)]
    [InlineData("a-little-bit-long-string", -985981536)]
    [InlineData("a-little-bit-longer-string", -1486304829)]
    [InlineData("lkjh234lh9fiuh90y23oiuhsafujhadof229phr9h19h89h8", -58897971)]
    [InlineData("abc", 479470107)]
    public void Hash_is_that_of_Kafkas_Java_client(string key, int expected) => Assert.Equal(expected, Murmur2.Hash(Encoding.UTF8.GetBytes(key)));

    [Fact]
    public void Partition_takes_the_positive_part_of_the_hash() => Assert.Equal((-973932308 & 0x7fffffff) % 8, Murmur2.Partition("21", 8));

    [Fact]
    public void Partition_of_a_very_long_key_is_that_of_its_bytes()
    {
        var key = new string('ü', 3000);
        Assert.Equal(Murmur2.Partition(Encoding.UTF8.GetBytes(key), 16), Murmur2.Partition(key, 16));
    }
}
