using RealTimeMesh.Testing;

namespace RealTimeMesh.EndToEnd.Tests;

/// <summary>What the flights pipeline must yield, asked of DuckDB over the source file: no code of the project takes part.</summary>
public static class FlightsGold
{
    private static string Data(string file) => Path.Combine(Repository.Root, "pipelines", "flights", "data", file);

    private static string Source => $"'{Data("departures-2001-01.parquet")}'";

    public static long SourceRows => long.Parse(LakeReader.Rows($"select count(*) from {Source}")[0], System.Globalization.CultureInfo.InvariantCulture);

    public static string BadLines => Data("bad-lines.ndjson");

    public static IReadOnlyList<string> ExpectedAirportDaily() => LakeReader.Rows(
        $"""
        select f.origin, a.city, a.state, cast(f.date as date) as day, count(*) as flights,
               count(*) filter (where f.delay > 15) as delayed, cast(sum(f.delay) as bigint) as minutes,
               cast(sum(f.delay) as double) / count(*) as average, cast(max(f.delay) as integer) as worst, count(distinct f.destination) as destinations
        from {Source} f join '{Data("airports.csv")}' a on a.iata = f.origin
        group by all
        """);

    public static IReadOnlyList<string> ActualAirportDaily(string dataPath) => LakeReader.Rows(
        $"select airport, city, state, day, flights, delayed_flights, delay_minutes, avg_delay, worst_delay, destinations from {LakeReader.Scan(LakeReader.Table(dataPath, "flights", "gold", "airport_daily"))}");

    public static IReadOnlyList<string> ExpectedRouteMonthly() => LakeReader.Rows(
        $"""
        select origin, destination, cast(date_trunc('month', date) as date) as month, count(*) as flights, cast(max(distance) as integer) as distance,
               cast(sum(delay) as bigint) as minutes, cast(sum(delay) as double) / count(*) as average
        from {Source} group by all
        """);

    public static IReadOnlyList<string> ActualRouteMonthly(string dataPath) => LakeReader.Rows(
        $"select origin, destination, month, flights, distance_miles, delay_minutes, avg_delay from {LakeReader.Scan(LakeReader.Table(dataPath, "flights", "gold", "route_monthly"))}");

    /// <summary>Gold, both tables, row for row.</summary>
    public static void AssertEqual(string dataPath)
    {
        Assert.Equal(ExpectedAirportDaily(), ActualAirportDaily(dataPath));
        Assert.Equal(ExpectedRouteMonthly(), ActualRouteMonthly(dataPath));
    }
}
