using RealTimeMesh.Contracts;
using RealTimeMesh.Testing;

namespace RealTimeMesh.Pipelines.Tests;

public sealed class PipelineLoaderTests
{
    [Fact]
    public void Valid_pipeline_is_read_whole()
    {
        using var folder = new TempPipelines();
        var result = folder.Load();
        Assert.Empty(result.Faults);
        var pipeline = Assert.Single(result.Pipelines);
        var stream = Assert.Single(pipeline.Streams);
        Assert.Equal(("air.departures", "origin", "scheduled"), (stream.Topic, stream.Key, stream.Time.Field));
        Assert.Equal((TimeSpan.FromMinutes(10), TimeSpan.FromMinutes(90)), (stream.Time.OutOfOrder, stream.Time.IdleAfter));
        Assert.Equal(("some.ndjson", "ndjson", 600.0), (stream.Sources[0].Name, stream.Sources[0].Format, stream.Sources[0].Replay));
        Assert.Equal(("made", "trades", 42L, 1000L, (double?)null), (stream.Sources[1].Name, stream.Sources[1].Generator, stream.Sources[1].Seed, stream.Sources[1].Events, stream.Sources[1].Replay));
        Assert.True(Path.IsPathRooted(stream.Sources[0].File));
        var view = Assert.Single(pipeline.Views);
        Assert.Same(stream, view.From);
        Assert.Equal((TimeSpan.FromMinutes(15), TimeSpan.FromSeconds(30), TimeSpan.FromDays(2), TimeSpan.FromMilliseconds(250), false), (view.Window, view.AllowedLateness, view.Retain, view.EmitUpdates, view.EmitFinal));
        Assert.Equal(["flights", "p95"], view.Select.Select(s => s.Name));
        var load = Assert.Single(pipeline.Warehouse);
        Assert.Equal(("gold.daily", "GOLD.DAILY"), (load.Table, load.To));
        Assert.Equal(["airport"], load.Keys);
        Assert.Equal(new ServiceLevel("air", "silver.departures", TimeSpan.FromMinutes(1), 0.999), Assert.Single(pipeline.Slo));
    }

    [Fact]
    public void Tables_come_after_the_tables_they_read()
    {
        using var folder = new TempPipelines();
        var tables = folder.Load().Pipelines[0].Tables;
        Assert.Equal(["bronze.departures", "silver.departures", "gold.daily"], tables.Select(t => t.Name));
        Assert.Equal(["bronze.departures", "airports"], tables[1].Reads);
        Assert.Equal(["silver.departures"], tables[2].Reads);
        Assert.Equal(["airport"], tables[2].ZOrder);
        Assert.NotNull(tables[1].Expectations);
    }

    public static TheoryData<string, string, string, string> Faults => new()
    {
        // what is replaced, by what, the line of the fault's key, a part of the fault
        { "    key: origin", "    keey: origin", "5", "streams.departures.keey: found the unknown key 'keey'; expected one of contract, key, time, expectations, sources, protobuf. Did you mean 'key'?" },
        { "    key: origin", "    keey: origin", "4", "streams.departures.key: found no such key" },
        { "    key: origin", "    key: orign", "5", "found the unknown field 'orign'; expected one of the contract's fields scheduled, delay, distance, origin, note. Did you mean 'origin'?" },
        { "    key: origin", "    key: note", "5", "found 'note', which is nullable varchar; expected a text or integer field that is never null" },
        { "field: scheduled", "field: origin", "6", "streams.departures.time.field: found 'origin', which is varchar; expected a timestamp field" },
        { "outOfOrder: 10m", "outOfOrder: 10", "6", "streams.departures.time.outOfOrder: found '10'; expected a duration such as 250ms" },
        { "departure.avsc", "departures.avsc", "4", "streams.departures.contract: found 'contracts/departures.avsc', which does not exist" },
        { "departures.json", "depart.json", "7", "streams.departures.expectations: found 'expectations/depart.json', which does not exist" },
        { "data/some.ndjson", "data/some.txt", "9", "'data/some.txt', which does not exist" },
        { "replay: 600", "replay: -1", "10", "streams.departures.sources[0].replay: found '-1'; expected a number above 0" },
        { "name: made", "name: some.ndjson", "11", "a second source 'some.ndjson'" },
        { "seed: 42", "sede: 42", "11", "Did you mean 'seed'?" },
        { "key: iata", "key: code", "1", "airports: found the columns iata, name; expected the key column 'code'" },
        { "from: departures", "from: departure", "17", "views.delays.from: found the unknown stream 'departure'; expected one of departures. Did you mean 'departures'?" },
        { "distance > 0", "distnace > 0", "18", "views.delays.where: found 'distnace > 0' (column 1: field 'distnace' is not in the contract; did you mean 'distance'?)" },
        { "distance > 0", "distance + 0", "18", "'distance + 0', which is bigint; expected a condition" },
        { "{ tumbling: 15m }", "{ sliding: 15m }", "19", "views.delays.window.sliding: found '15m'; expected { size: 10m, slide: 1m }. Write it as a mapping." },
        { "{ tumbling: 15m }", "{ tumbling: 0s }", "19", "found no length" },
        { "by: [origin]", "by: [orgin]", "20", "views.delays.by: found the unknown field 'orgin'" },
        { "count(*)", "cuont(*)", "22", "views.delays.select.flights: found 'cuont(*)' (column 1: this is no aggregate; did you mean 'count'?)" },
        { "p95: quantile", "origin: quantile", "23", "the column 'origin'; expected a name other than the fields of 'by'" },
        { "final: false", "final: maybe", "24", "views.delays.emit.final: found 'maybe'; expected true or false" },
        { "changes: silver.departures", "changes: silver.departure", "28", "tables.gold.daily.changes: found the unknown table 'silver.departure'" },
        { "changes: silver.departures", "changes: bronze.departures", "28", "'bronze.departures', which the query does not read; expected one of silver.departures" },
        { "merge: [airport]", "merge: []", "28", "found no keys" },
        { "append: departures", "append: arrivals", "30", "found the unknown stream 'arrivals'" },
        { "[ingestion_date]", "[ingestion_dat]", "30", "tables.bronze.departures.partitionBy: found the unknown column 'ingestion_dat'" },
        { "  gold.daily: { sql", "  golden.daily: { sql", "28", "tables.golden.daily: found the name 'golden.daily'" },
        { "to: GOLD.DAILY", "to: DAILY", "32", "warehouse.gold.daily.to: found 'DAILY'; expected schema and table" },
        { "load: merge", "load: append", "32", "found 'append'; expected merge. Only merge loads are available in this version." },
        { "completeness: 0.999", "completeness: 99.9", "33", "slo.silver.departures.completeness: found '99.9'; expected a share above 0, at most 1" },
        { "references:", "models: {}\nreferences:", "13", "models: found models; expected nothing yet. Models are not available in this version" },
        { "    where: distance > 0", "    join: { left: a }", "18", "views.delays.join.left: found the unknown stream 'a'" },
        { "  airports: { file", "  airports: [ file", "14", "broken YAML" },
    };

    [Theory]
    [MemberData(nameof(Faults))]
    public void Fault_is_reported_with_line_element_found_expected_and_cure(string old, string @new, string line, string expected)
    {
        using var folder = new TempPipelines();
        folder.Edit(old, @new);
        var result = folder.Load();
        Assert.Empty(result.Pipelines);
        var texts = result.Faults.Select(f => f.ToString()).ToList();
        Assert.Contains(texts, text => text.Contains($":{line}: ") && text.Contains(expected));
        Assert.All(result.Faults, f => Assert.NotEmpty(f.Cure));
    }

    [Fact]
    public void Every_fault_of_every_file_is_reported_in_one_run()
    {
        using var folder = new TempPipelines();
        folder.Edit("key: origin", "key: orign");
        folder.Edit("distance > 0", "distance >");
        folder.Edit("quantile(delay, 0.95)", "quantil(delay, 0.95)");
        folder.Edit("{ append: departures,", "{ append: departures, colour: red,");
        folder.Write("air/sql/gold.daily.sql", "select 1\nfrom silver.departure");
        folder.Write("air/expectations/departures.json", """
            {"expectations":[
              {"type":"expect_column_values_to_be_nul","kwargs":{"column":"origin"}},
              {"type":"expect_column_values_to_not_be_null","kwargs":{"column":"orign"}}]}
            """);
        folder.Write("other/pipeline.yaml", "pipeline: other\nstreams: {}\nvews: {}\n");
        var faults = folder.Load().Faults.Select(f => f.ToString()).ToList();
        Assert.Contains(faults, f => f.Contains("air/pipeline.yaml:5: streams.departures.key"));
        Assert.Contains(faults, f => f.Contains("views.delays.select.p95"));
        Assert.Contains(faults, f => f.Contains("views.delays.where"));
        Assert.Contains(faults, f => f.Contains("tables.bronze.departures.colour"));
        Assert.Contains(faults, f => f.Contains("air/sql/gold.daily.sql:2: tables.gold.daily.sql: found the unknown table 'silver.departure'"));
        Assert.Contains(faults, f => f.Contains("air/expectations/departures.json:2: expectations[0]: found 'expect_column_values_to_be_nul'"));
        Assert.Contains(faults, f => f.Contains("air/expectations/departures.json:3: expectations[1].kwargs.column: found the unknown column 'orign'"));
        Assert.Contains(faults, f => f.Contains("other/pipeline.yaml:3: vews") && f.Contains("Did you mean 'views'?"));
    }

    [Fact]
    public void Faulty_stream_is_no_second_fault_where_it_is_named()
    {
        using var folder = new TempPipelines();
        folder.Edit("key: origin", "key: note");
        Assert.Single(folder.Load().Faults);
    }

    [Fact]
    public void Cycle_of_tables_is_a_fault_with_its_way()
    {
        using var folder = new TempPipelines();
        folder.Write("air/sql/silver.departures.sql", "select * from bronze.departures join gold.daily using (id)");
        Assert.Contains(folder.Load().Faults, f => f.Found == "a cycle: gold.daily → silver.departures → gold.daily" && f.Line == 28);
    }

    [Fact]
    public void Contract_that_does_not_parse_is_a_fault()
    {
        using var folder = new TempPipelines();
        folder.Write("air/contracts/departure.avsc", "{\n\"type\": \"record\",\n oops }");
        Assert.Contains(folder.Load().Faults, f => f.File.EndsWith("departure.avsc", StringComparison.Ordinal) && f.Line == 3 && f.Found == "broken JSON");
        folder.Write("air/contracts/departure.avsc", """{"type":"record","name":"D","fields":[{"name":"a","type":"strin"}]}""");
        Assert.Contains(folder.Load().Faults, f => f.Element == "streams.departures.contract" && f.Line == 4 && f.Found.Contains("strin"));
    }

    [Fact]
    public void Missing_folder_and_unknown_names_are_faults()
    {
        using var folder = new TempPipelines();
        Assert.Contains(PipelineLoader.Load(Path.Combine(folder.Root, "nowhere"), []).Faults, f => f.Found == "no such folder");
        var result = folder.Load("ari");
        Assert.Empty(result.Pipelines);
        Assert.Equal("Did you mean 'air'?", Assert.Single(result.Faults).Cure);
    }

    [Fact]
    public void Only_the_pipelines_named_are_read()
    {
        using var folder = new TempPipelines();
        folder.Write("broken/pipeline.yaml", "pipeline: broken\nstreams: 7\n");
        Assert.Empty(folder.Load("air").Faults);
        Assert.NotEmpty(folder.Load().Faults);
        Assert.Single(folder.Load().Pipelines);
    }

    [Fact]
    public void Two_pipelines_of_one_name_are_a_fault()
    {
        using var folder = new TempPipelines();
        foreach (var file in Directory.GetFiles(Path.Combine(folder.Root, "air"), "*", SearchOption.AllDirectories))
            folder.Write(Path.Combine("bir", Path.GetRelativePath(Path.Combine(folder.Root, "air"), file)), File.ReadAllText(file));
        Assert.Contains(folder.Load().Faults, f => f.Found == "the name 'air' again");
    }

    [Theory]
    [InlineData("pipeline: a\npipeline: b\n")]
    [InlineData("just text")]
    [InlineData("")]
    [InlineData("- a\n- b\n")]
    [InlineData("pipeline: [x\n")]
    [InlineData("pipeline: &a [*a]\nstreams: *a\nviews: &v {x: *v}\n")]
    [InlineData("pipeline: *nowhere\n")]
    [InlineData("? [a, b]\n: c\n")]
    [InlineData("--- {pipeline: a}\n--- {pipeline: b}\n")]
    [InlineData("pipeline: a\n\tstreams: tabs\n")]
    [InlineData("pipeline: a\nstreams: {s: {contract: [], key: {}, time: [], sources: {}}}\nviews: [1]\ntables: {bronze.x: 3}\nslo: {x: 1}\nwarehouse: {y: []}\nreferences: {r: q}\n")]
    public void Odd_YAML_is_faults_and_no_exception(string yaml)
    {
        using var folder = new TempPipelines();
        folder.Write("air/pipeline.yaml", yaml);
        Assert.NotEmpty(folder.Load().Faults);
    }

    [Fact]
    public void Bottomless_YAML_is_a_fault_and_not_a_crash()
    {
        using var folder = new TempPipelines();
        folder.Write("air/pipeline.yaml", "pipeline: air\nstreams: " + new string('[', 20_000) + new string(']', 20_000));
        Assert.Contains("nested more than 64 deep", Assert.Single(folder.Load().Faults).Found);
    }

    [Theory]
    [InlineData("250ms", 250)]
    [InlineData("30s", 30_000)]
    [InlineData("1h30m", 5_400_000)]
    [InlineData("1d", 86_400_000)]
    [InlineData("0s", 0)]
    public void Duration_is_read(string text, double milliseconds)
    {
        Assert.True(Durations.TryParse(text, out var duration));
        Assert.Equal(milliseconds, duration.TotalMilliseconds);
    }

    [Theory]
    [InlineData("")]
    [InlineData("10")]
    [InlineData("m")]
    [InlineData("-5m")]
    [InlineData("1m1h")]
    [InlineData("1m 1s")]
    [InlineData("1.5h")]
    [InlineData("99999999999d")]
    public void Wrong_duration_is_refused(string text) => Assert.False(Durations.TryParse(text, out _));

    [Fact]
    public void Shipped_pipelines_are_valid()
    {
        var result = PipelineLoader.Load(Repository.PathOf("pipelines"), []);
        Assert.Empty(result.Faults);
        Assert.Contains("flights", result.Pipelines.Select(p => p.Name));
    }
}
