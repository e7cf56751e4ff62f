namespace RealTimeMesh.Pipelines.Tests;

public sealed class SourceSectionTests
{
    private const string Old = """
              - file: data/some.ndjson
                replay: 600
        """;

    [Fact]
    public void Folder_with_everything_is_read_whole()
    {
        using var folder = new TempPipelines();
        Edit(folder, """
              - folder: data/incoming
                name: incoming
                pattern: "**/*.csv"
                format: csv
                order: modified
                poll: 500ms
                settle: 0s
                after: archive
                archive: data/done
                changed: again
                watch: false
                onError: skip
                csv: { delimiter: ";", quote: "'", escape: "\\", columns: [origin, delay], null: NA, decimal: comma, comment: "#", encoding: windows-1252, formats: { scheduled: "dd.MM.yyyy HH:mm" } }
        """);
        var result = folder.Load();
        Assert.Empty(result.Faults);
        var source = result.Pipelines[0].Streams[0].Sources[0];
        Assert.Equal(
            new FolderDefinition
            {
                Path = Path.Combine(folder.Root, "air", "data", "incoming"),
                Pattern = "**/*.csv",
                Recursive = true,
                Order = FolderOrder.Modified,
                Poll = TimeSpan.FromMilliseconds(500),
                Settle = TimeSpan.Zero,
                After = AfterFile.Archive,
                Archive = Path.Combine(folder.Root, "air", "data", "done"),
                Changed = ChangedFile.Again,
                Watch = false,
            },
            source.Folder);
        Assert.Equal(("incoming", "csv", FileFaultPolicy.Skip), (source.Name, source.Format, source.OnError));
        Assert.Equal((';', '\'', '\\', false, "NA", true, "#", CsvEncoding.Windows1252), (source.Csv.Delimiter, source.Csv.Quote, source.Csv.Escape, source.Csv.Header, source.Csv.Null, source.Csv.DecimalComma, source.Csv.Comment, source.Csv.Encoding));
        Assert.Equal("dd.MM.yyyy HH:mm", source.Csv.Formats["scheduled"]);
    }

    [Theory]
    [InlineData("- { folder: data/in, format: xml }", "format 'xml'; expected csv, ndjson, parquet, avro")]
    [InlineData("- { folder: data/some.ndjson }", "which is a file; expected a folder")]
    [InlineData("- { folder: data/in, after: archive }", "archive: found no such key")]
    [InlineData("- { folder: data/in, after: archive, archive: data/in }", "found the folder itself; expected another folder")]
    [InlineData("- { folder: data/in, archive: data/done }", "an archive for files that are not moved")]
    [InlineData("- { folder: data/in, after: archiv, archive: data/done }", "Did you mean 'archive'?")]
    [InlineData("- { folder: data/in, tail: true }", "growing files of no stated format; expected csv or ndjson")]
    [InlineData("- { folder: data/in, tail: true, format: parquet }", "growing files of format parquet; expected csv or ndjson")]
    [InlineData("- { folder: data/in, tail: true, format: csv, after: delete }", "growing files that are moved or deleted")]
    [InlineData("- { folder: data/in, poll: 1ms }", "found 1 ms; expected at least 100 ms")]
    [InlineData("- { folder: data/in, order: size }", "found 'size'; expected one of name, modified")]
    [InlineData("- { file: data/some.ndjson, settle: 1s }", "the key 'settle' of a file; expected one of name, replay, format, csv, onError")]
    [InlineData("- { file: data/some.ndjson, folder: data }", "found file and folder; expected one of")]
    [InlineData("- { file: data/some.ndjson, csv: { delimiter: ; } }", "a layout of CSV for format ndjson")]
    [InlineData("- { folder: data/in, csv: { delimiter: ab } }", "found 'ab'; expected one ASCII character or tab")]
    [InlineData("- { folder: data/in, csv: { delimiter: \"'\", quote: \"'\" } }", "of which two are the same")]
    [InlineData("- { folder: data/in, csv: { header: false } }", "neither a header nor columns")]
    [InlineData("- { folder: data/in, csv: { columns: [a, a] } }", "two columns 'a'")]
    [InlineData("- { folder: data/in, csv: { encoding: ebcdic } }", "encoding 'ebcdic'; expected one of utf-8, utf-16, windows-1252, iso-8859-1")]
    [InlineData("- { folder: data/in, csv: { formats: { scheduled: Q } } }", "a format of dates or times")]
    [InlineData("- { folder: data/in, csv: { decimal: dot } }", "found 'dot'; expected point or comma")]
    public void Fault_of_a_source_says_what_was_found_and_expected(string yaml, string expected)
    {
        using var folder = new TempPipelines();
        Edit(folder, "      " + yaml);
        var faults = folder.Load().Faults;
        Assert.Contains(faults, fault => fault.ToString().Contains(expected, StringComparison.Ordinal));
        Assert.All(faults, fault => Assert.NotEqual(0, fault.Line));
    }

    [Theory]
    [InlineData("a.csv", "csv", null)]
    [InlineData("a.TSV.GZ", "csv", "gzip")]
    [InlineData("a.jsonl.zst", "ndjson", "zstd")]
    [InlineData("a.parquet", "parquet", null)]
    [InlineData("a.avro", "avro", null)]
    [InlineData("a.gz", null, "gzip")]
    [InlineData("a.txt", null, null)]
    public void Extension_tells_format_and_compression(string name, string? format, string? compression) =>
        Assert.Equal((format, compression), (FileFormats.Of(name), FileFormats.CompressionOf(name)));

    private static void Edit(TempPipelines folder, string sources) => folder.Edit(Old, sources);
}
