using System.Security.Cryptography;
using System.Text;
using RealTimeMesh.Contracts;

namespace RealTimeMesh.SchemaRegistry.Tests;

public sealed class ParsedDocumentsTests
{
    private static readonly SchemaDocument Document = SchemaLanguages.Find("AVRO")!.Parse("\"int\"", []);

    [Fact]
    public void What_was_not_asked_for_the_longest_time_goes_when_texts_are_large_and_the_newest_stays()
    {
        var documents = new ParsedDocuments();
        var contents = Enumerable.Range(0, 4).Select(_ => new SchemaContent("AVRO", new string(' ', 4 * 1024 * 1024), [])).ToArray();
        foreach (var content in contents[..3])
            documents.Keep(content, Document);
        Assert.NotNull(documents.Find(contents[0]));
        documents.Keep(contents[3], Document);
        Assert.Equal([true, false, true, true], contents.Select(content => documents.Find(content) is not null));

        var huge = new SchemaContent("AVRO", new string(' ', 16 * 1024 * 1024), []);
        documents.Keep(huge, Document);
        Assert.NotNull(documents.Find(huge));
        Assert.All(contents, content => Assert.Null(documents.Find(content)));
    }

    [Fact]
    public void A_text_has_the_digest_of_its_bytes_wherever_its_pieces_are_cut()
    {
        foreach (var lead in (int[])[0, 1, 16_383, 16_384, 16_385])
        {
            var text = new string('x', lead) + string.Concat(Enumerable.Repeat("é😀", 9_000));
            Assert.Equal(Convert.ToHexString(SHA256.HashData(Encoding.UTF8.GetBytes(text))), new TextDigest(text).Value);
        }

        Assert.Equal(Convert.ToHexString(SHA256.HashData([])), new TextDigest("").Value);
    }

    [Fact]
    public void Contents_of_one_text_differ_by_what_stands_beside_it_and_copies_by_their_own_text()
    {
        var content = new SchemaContent("AVRO", "\"int\"", []);
        Assert.Equal(content.Key, new SchemaContent("AVRO", "\"int\"", []).Key);
        Assert.NotEqual(content.Key, (content with { Metadata = "{}" }).Key);
        Assert.NotEqual(content.Key, (content with { Text = "\"long\"" }).Key);
        Assert.Equal((content with { Text = "\"long\"" }).Key, new SchemaContent("AVRO", "\"long\"", []).Key);
    }
}
