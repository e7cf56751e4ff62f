using System.Text;
using RealTimeMesh.Sidecar.Json;

namespace RealTimeMesh.Sidecar.Tests.Json;

public sealed class GoUnicodeTests
{
    [Theory]
    [InlineData("""{"a":"\ud800"}""", """{"a":"\ufffd"}""")]
    [InlineData("""{"a":"\uDC00\uD800x"}""", """{"a":"\ufffd\ufffdx"}""")]
    [InlineData("""{"\ud800\ud83d\ude00":1}""", """{"\ufffd\ud83d\ude00":1}""")]
    [InlineData("""{"a":"\\ud800 \n \u0041"}""", """{"a":"\\ud800 \n \u0041"}""")]
    [InlineData("""{"a":"\ud83d\u""", """{"a":"\ufffd\u""")]
    [InlineData("""{"a":"\""", """{"a":"\""")]
    public void Half_of_a_surrogate_pair_becomes_the_replacement_character(string json, string expected) =>
        Assert.Equal(expected, Encoding.UTF8.GetString(GoUnicode.Repaired(Encoding.UTF8.GetBytes(json).AsMemory()).Span));

    [Fact]
    public void Broken_utf_8_becomes_the_replacement_character() =>
        Assert.Equal("\"a\ufffdb\"", Encoding.UTF8.GetString(GoUnicode.Repaired([.. "\"a"u8, 0xff, .. "b\""u8])));

    [Fact]
    public void Text_without_such_places_is_not_copied()
    {
        ReadOnlyMemory<byte> json = Encoding.UTF8.GetBytes("""{"a":"\u00e4 \ud83d\ude00 ä"}""");
        Assert.True(json.Equals(GoUnicode.Repaired(json)));
    }
}
