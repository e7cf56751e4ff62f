using System.Text;
using RealTimeMesh.Pipelines;

namespace RealTimeMesh.Ingestion.Tests.Files;

public sealed class CsvLayoutTests : FileTestBase
{
    private static readonly CsvLayout German = new()
    {
        Delimiter = ';',
        DecimalComma = true,
        Null = "NA",
        Comment = "#",
        Encoding = CsvEncoding.Windows1252,
        Formats = new Dictionary<string, string> { ["at"] = "dd.MM.yyyy HH:mm" },
    };

    [Fact]
    public async Task Layout_of_another_country_is_read_as_declared()
    {
        var log = new MemoryLog();
        var text = "# made by hand; \"with a quote\nplace;seconds;score;at\nKöln;1.000;1.234,5;31.01.2026 13:30\n# again\n\"a;b\";2;NA;01.02.2026 00:00\n\"NA\";3;;01.02.2026 00:00\n";
        await RunAsync(File("a.csv", Encoding.Latin1.GetBytes(text), German), log);
        Assert.Equal(["Köln|1000|1234.5|1769866200000000", "a;b|2|null|1769904000000000", "NA|3|null|1769904000000000"], MemoryLog.Rows(log.Read(Samples.Topic), Samples.Contract));
        Assert.Empty(log.Read(DeadLetters));
    }

    [Theory]
    [InlineData("x;1.5;1;01.02.2026 00:00", "seconds", "decimal comma")]
    [InlineData("x;1;1,2,3;01.02.2026 00:00", "score", "decimal comma")]
    [InlineData("x;1;1.23,5;01.02.2026 00:00", "score", "decimal comma")]
    [InlineData("x;1;1;2026-02-01", "at", "dd.MM.yyyy HH:mm")]
    [InlineData("x;1;1;30.02.2026 00:00", "at", "dd.MM.yyyy HH:mm")]
    [InlineData("x;1;1", "", "4 columns, as in the header")]
    [InlineData("x;1;1;01.02.2026 00:00;y", "", "4 columns, as in the header")]
    [InlineData("\"x;1;1;01.02.2026 00:00", "", "a closing quote")]
    public async Task Row_that_breaks_the_layout_is_dead_lettered_with_what_was_expected(string row, string field, string expected)
    {
        var log = new MemoryLog();
        await RunAsync(File("a.csv", "place;seconds;score;at\n" + row + "\ny;2;2;01.02.2026 00:00\n", German), log);
        var dead = Assert.Single(log.Read(DeadLetters));
        Assert.Equal(row, Encoding.UTF8.GetString(dead.Original));
        Assert.Equal(field, dead.Headers["reason_field"]);
        Assert.Contains(expected, dead.Json.GetProperty("reason").GetProperty("expected").GetString(), StringComparison.Ordinal);
        Assert.Single(log.Read(Samples.Topic));
    }

    [Theory]
    [InlineData("utf-16")]
    [InlineData("utf-16BE")]
    [InlineData("utf-8")]
    public async Task Byte_order_mark_tells_the_encoding(string name)
    {
        var log = new MemoryLog();
        var encoding = Encoding.GetEncoding(name);
        await RunAsync(File("a.csv", [.. encoding.GetPreamble(), .. encoding.GetBytes("place,seconds,score,at\nZürich,1,,2026-01-01\nбар,2,,2026-01-01\n")]), log);
        Assert.Equal(["Zürich", "бар"], MemoryLog.Rows(log.Read(Samples.Topic), Samples.Contract).Select(row => row.Split('|')[0]));
    }

    [Fact]
    public async Task Columns_without_a_header_escapes_and_tabs()
    {
        var log = new MemoryLog();
        var layout = new CsvLayout { Delimiter = '\t', Quote = '\'', Escape = '\\', Header = false, Columns = ["place", "seconds", "score", "at"] };
        await RunAsync(File("a.tsv", "a\\\tb\t1\t1.5\t2026-01-01\n'it\\'s\n''here'''\t2\t\t2026-01-01\n5\" x\t3\t\t2026-01-01\n", layout), log);
        Assert.Equal(["a\tb|1|1.5", "it's\n'here'|2|null", "5\" x|3|null"], MemoryLog.Rows(log.Read(Samples.Topic), Samples.Contract).Select(row => row[..row.LastIndexOf('|')]));
    }

    [Fact]
    public async Task Quote_within_a_field_does_not_swallow_the_lines_behind_it()
    {
        var log = new MemoryLog();
        await RunAsync(File("a.csv", "place,seconds,score,at\n5\" pipe,1,,2026-01-01\nx,2,,2026-01-01\n6\" pipe,3,,2026-01-01\n"), log);
        Assert.Equal(["5\" pipe|1", "x|2", "6\" pipe|3"], MemoryLog.Rows(log.Read(Samples.Topic), Samples.Contract).Select(row => string.Join('|', row.Split('|')[..2])));
    }

    [Fact]
    public async Task Gigantic_quoted_field_is_bounded_and_the_rows_behind_it_are_read()
    {
        var log = new MemoryLog();
        var giant = new string('x', 12_000_000);
        await RunAsync(File("a.csv", $"place,seconds,score,at\n\"{giant}\",1,,2026-01-01\ny,2,,2026-01-01\n"), log);
        var dead = Assert.Single(log.Read(DeadLetters));
        Assert.Equal("size", dead.Rule);
        Assert.InRange(dead.Original.Length, 1, 100_000);
        Assert.Equal([2], VisitFiles.Numbers(log.Read(Samples.Topic)));
    }

    [Fact]
    public async Task Formats_of_fields_that_hold_no_time_are_refused_at_start()
    {
        var source = File("a.csv", "x", CsvLayout.Default with { Formats = new Dictionary<string, string> { ["place"] = "dd.MM.yyyy" } });
        var refused = await Assert.ThrowsAnyAsync<Exception>(() => TestIngestion.StartAsync(Samples.Stream(source)));
        Assert.Contains("'place' of type string", refused.ToString(), StringComparison.Ordinal);
    }
}
