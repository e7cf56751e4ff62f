namespace RealTimeMesh.Pipelines.Tests;

/// <summary>A folder of pipelines that is deleted with the test. Starts with one valid pipeline, <c>air</c>.</summary>
internal sealed class TempPipelines : IDisposable
{
    public const string Yaml = """
        pipeline: air
        streams:
          departures:
            contract: contracts/departure.avsc
            key: origin
            time: { field: scheduled, outOfOrder: 10m, idleAfter: 1h30m }
            expectations: expectations/departures.json
            sources:
              - file: data/some.ndjson
                replay: 600
              - generator: { name: trades, seed: 42, events: 1000 }
                name: made
        references:
          airports: { file: data/airports.csv, key: iata }
        views:
          delays:
            from: departures
            where: distance > 0
            window: { tumbling: 15m }
            by: [origin]
            select:
              flights: count(*)
              p95: quantile(delay, 0.95)
            emit: { updates: 250ms, final: false }
            allowedLateness: 30s
            retain: 2d
        tables:
          gold.daily: { sql: sql/gold.daily.sql, merge: [airport], changes: silver.departures, zorder: [airport] }
          silver.departures: { sql: sql/silver.departures.sql, merge: [id], changes: bronze.departures, expectations: expectations/silver.json }
          bronze.departures: { append: departures, partitionBy: [ingestion_date] }
        warehouse:
          gold.daily: { to: GOLD.DAILY, load: merge }
        slo: { silver.departures: { freshness: 60s, completeness: 0.999 } }
        """;

    public TempPipelines()
    {
        Root = Directory.CreateTempSubdirectory("pipelines-").FullName;
        Write("air/pipeline.yaml", Yaml);
        Write("air/contracts/departure.avsc", """
            {"type":"record","name":"Departure","fields":[
              {"name":"scheduled","type":{"type":"long","logicalType":"timestamp-micros"}},
              {"name":"delay","type":["null","int"]},
              {"name":"distance","type":"int"},
              {"name":"origin","type":"string"},
              {"name":"note","type":["null","string"]}]}
            """);
        Write("air/expectations/departures.json", """
            {"name":"departures","expectations":[
              {"type":"expect_column_values_to_be_in_set","kwargs":{"column":"origin","value_set":{"$PARAMETER":"airports.iata"}}}]}
            """);
        Write("air/expectations/silver.json", """{"name":"silver","expectations":[{"type":"expect_table_row_count_to_be_between","kwargs":{"min_value":1}}]}""");
        Write("air/data/airports.csv", "iata,name\nORD,\"O'Hare, Chicago\"\nJFK,Kennedy\n");
        Write("air/data/some.ndjson", "{}\n");
        Write("air/sql/silver.departures.sql", "select d.*, a.name from bronze.departures d left join airports a on a.iata = d.origin");
        Write("air/sql/gold.daily.sql", "-- from nowhere.at_all\nselect origin as airport, count(*) as n from silver.departures group by origin");
    }

    public string Root { get; }

    public string YamlFile => Path.Combine(Root, "air", "pipeline.yaml");

    public void Write(string path, string text)
    {
        var file = Path.Combine(Root, path);
        Directory.CreateDirectory(Path.GetDirectoryName(file)!);
        File.WriteAllText(file, text);
    }

    /// <summary>Changes the valid file; the text replaced must be there.</summary>
    public void Edit(string old, string @new)
    {
        var text = File.ReadAllText(YamlFile);
        Assert.Contains(old, text);
        Write("air/pipeline.yaml", text.Replace(old, @new));
    }

    public PipelineLoadResult Load(params string[] names) => PipelineLoader.Load(Root, names);

    public void Dispose() => Directory.Delete(Root, recursive: true);
}
