using RealTimeMesh.Contracts;

namespace RealTimeMesh.Pipelines.Tests;

public sealed class ReferenceTableTests : IDisposable
{
    private readonly string _file = Path.GetTempFileName();

    public void Dispose() => File.Delete(_file);

    [Fact]
    public void Quoted_cells_are_read_and_rows_found_by_key()
    {
        var table = Load("\uFEFFiata,name,state\r\nORD,\"O'Hare, \"\"the big one\"\"\nChicago\",IL\r\n\r\nJFK,Kennedy,\r\nLGA,\"\",NY");
        Assert.Equal(["iata", "name", "state"], table.Columns);
        Assert.Equal(3, table.Count);
        Assert.True(table.TryGetRow("ORD", out var row));
        Assert.Equal("O'Hare, \"the big one\"\nChicago", row[table.IndexOf("name")]);
        Assert.False(table.TryGetRow("ord", out _));
        Assert.Equal(["IL", "NY"], table.Values("state")!.Order());
        Assert.Null(table.Values("city"));
    }

    [Fact]
    public void Faults_are_reported_together_with_their_lines()
    {
        var e = Assert.Throws<ConfigurationException>(() => Load("iata,name\nORD,a\nORD,b\nJFK\n,c\n"));
        Assert.Equal([3, 4, 5], e.Faults.Select(f => f.Line));
    }

    [Theory]
    [InlineData("")]
    [InlineData("code,name\nx,y\n")]
    [InlineData("iata,iata\nx,y\n")]
    [InlineData("iata,name\nORD,\"open\n")]
    public void Unusable_file_is_refused(string csv) => Assert.Throws<ConfigurationException>(() => Load(csv));

    private ReferenceTable Load(string csv)
    {
        File.WriteAllText(_file, csv);
        return ReferenceTable.Load(new ReferenceDefinition("airports", _file, "iata"));
    }
}
