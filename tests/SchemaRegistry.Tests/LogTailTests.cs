using System.Text;
using RealTimeMesh.SchemaRegistry.Storage;

namespace RealTimeMesh.SchemaRegistry.Tests;

public sealed class LogTailTests
{
    [Fact]
    public void Entries_are_handed_on_once_they_are_finished()
    {
        using var folder = new TemporaryFolder();
        var path = Path.Combine(folder.Path, "schemas.log");
        using var tail = new LogTail(path);
        var entries = new List<LogEntry>();
        Assert.True(tail.Read(entries.Add));

        Append(path, """{"kind":"mode","subject":"a","mode":"READONLY"}""");
        Assert.True(tail.Read(entries.Add));
        Assert.Empty(entries);
        Append(path, "\n{\"kind\":\"mode\",");
        Assert.True(tail.Read(entries.Add));
        Assert.Equal([new ModeSet("a", "READONLY")], entries);
        Append(path, "\"subject\":\"b\"}\n");
        Assert.True(tail.Read(entries.Add));
        Assert.Equal([new ModeSet("a", "READONLY"), new ModeSet("b", null)], entries);
    }

    [Fact]
    public void A_log_that_became_shorter_is_said_so()
    {
        using var folder = new TemporaryFolder();
        var path = Path.Combine(folder.Path, "schemas.log");
        Append(path, """{"kind":"mode","subject":"a","mode":"READONLY"}""" + "\n");
        using var tail = new LogTail(path);
        Assert.True(tail.Read(_ => { }));

        File.WriteAllText(path, "");

        Assert.False(tail.Read(_ => { }));
    }

    private static void Append(string path, string text)
    {
        using var file = new FileStream(path, FileMode.Append, FileAccess.Write, FileShare.ReadWrite);
        file.Write(Encoding.UTF8.GetBytes(text));
    }
}
