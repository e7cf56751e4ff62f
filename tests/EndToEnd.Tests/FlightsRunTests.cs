namespace RealTimeMesh.EndToEnd.Tests;

public sealed class FlightsRunTests(FlightsRun run) : IClassFixture<FlightsRun>
{
    [Fact]
    public void Run_ends_with_exit_code_0_and_a_balanced_ledger()
    {
        Assert.True(run.ExitCode == 0, run.Output);
        long Count(string name) => run.Summary.GetProperty(name).GetInt64();
        Assert.Equal(FlightsGold.SourceRows + BadLines().Count, Count("acked"));
        Assert.Equal(BadLines().Count, Count("dead_lettered"));
        Assert.Equal(Count("acked"), Count("applied") + Count("dead_lettered") + Count("late") + Count("quarantined"));
        Assert.Equal((0, 0), (Count("lost"), Count("duplicated")));
    }

    [Fact]
    public void Summary_has_speed_latency_tables_and_stays_under_a_gibibyte()
    {
        Assert.True(run.ExitCode == 0, run.Output);
        foreach (var name in (string[])["elapsed_s", "events_per_s", "p50_ms", "p99_ms"])
            Assert.True(run.Summary.GetProperty(name).GetDouble() > 0, name);
        Assert.InRange(run.Summary.GetProperty("peak_memory_mib").GetDouble(), 1, 1024);
        var tables = run.Summary.GetProperty("tables").EnumerateArray().ToDictionary(table => table.GetProperty("table").GetString()!);
        foreach (var name in (string[])["bronze.departures", "silver.departures"])
            Assert.Equal(FlightsGold.SourceRows, tables[name].GetProperty("rows").GetInt64());
        Assert.Equal(FlightsGold.ExpectedAirportDaily().Count, tables["gold.airport_daily"].GetProperty("rows").GetInt64());
        Assert.True(tables["gold.airport_daily"].GetProperty("version").GetInt64() >= 0);
    }

    [Fact]
    public void Gold_equals_an_independent_query_over_the_source_file()
    {
        Assert.True(run.ExitCode == 0, run.Output);
        FlightsGold.AssertEqual(run.DataPath);
    }

    [Fact]
    public void Dead_letters_are_the_bad_lines_with_reason_origin_and_original_bytes_and_nothing_else()
    {
        Assert.True(run.ExitCode == 0, run.Output);
        var letters = LakeReader.Rows(
            $"select to_base64(original), reason_rule, topic, source, position from {LakeReader.Scan(LakeReader.Table(run.DataPath, "flights", "bronze", "dead_letters"))}");
        Assert.Equal(BadLines().Select(Convert.ToBase64String).Order(StringComparer.Ordinal), letters.Select(row => row.Split('|')[0]).Order(StringComparer.Ordinal));
        Assert.All(letters, row =>
        {
            var cells = row.Split('|');
            Assert.Matches("^[a-z_]+$", cells[1]);
            Assert.Equal("flights.departures", cells[2]);
            Assert.Contains("bad-lines", cells[3], StringComparison.Ordinal);
        });
        Assert.Equal(BadLines().Count, letters.Select(row => row.Split('|')[4]).Distinct().Count());
    }

    [Fact]
    public void Warehouse_holds_the_gold_rows()
    {
        Assert.True(run.ExitCode == 0, run.Output);
        var file = Path.Combine(run.DataPath, "warehouse", "warehouse.duckdb");
        Assert.Equal(
            FlightsGold.ExpectedAirportDaily(),
            LakeReader.Rows($"attach '{file}' as w (read_only); select airport, city, state, day, flights, delayed_flights, delay_minutes, avg_delay, worst_delay, destinations from w.gold.airport_daily"));
    }

    [Fact]
    public void Run_prints_the_ledger_and_the_tables()
    {
        Assert.Contains("balanced", run.Output, StringComparison.Ordinal);
        Assert.Contains("flights.gold.route_monthly", run.Output, StringComparison.Ordinal);
    }

    private static List<byte[]> BadLines()
    {
        List<byte[]> lines = [];
        var content = File.ReadAllBytes(FlightsGold.BadLines);
        for (var start = 0; start < content.Length;)
        {
            var end = Array.IndexOf(content, (byte)'\n', start);
            end = end < 0 ? content.Length : end;
            lines.Add(content[start..end]);
            start = end + 1;
        }

        return lines;
    }
}
