using System.Globalization;
using Microsoft.AspNetCore.Http;

namespace RealTimeMesh.Console.Tests.Fakes;

/// <summary>Tables, their rows and history, builds and loads.</summary>
internal static class Lake
{
    public static object[] Tables(FakeCounts counts) =>
    [
        Table("flights", "bronze.dead_letters", 3, counts.DeadLettered, 1, 18_220, counts.LastCommit.AddMinutes(-2)),
        Table("flights", "bronze.departures", counts.Version, counts.Stored, counts.Version, counts.Stored * 21, counts.LastCommit),
        Table("flights", "silver.departures", counts.Version / 6, counts.Stored * 96 / 100, 9, counts.Stored * 34, counts.LastCommit.AddSeconds(-3)),
        Table("flights", "gold.airport_daily", counts.Version / 7, 2_862, 1, 88_412, counts.LastCommit.AddSeconds(-2)),
        Table("flights", "gold.route_monthly", counts.Version / 7, 4_310, 1, 96_120, counts.LastCommit.AddSeconds(-1)),
        Table("market", "bronze.trades", 41, 59_939, 41, 2_411_000, counts.LastCommit.AddMinutes(-4)),
        Table("market", "bronze.quotes", 40, 59_939, 40, 3_002_111, counts.LastCommit.AddMinutes(-4)),
        Table("market", "silver.trades", 11, 59_412, 3, 1_702_000, counts.LastCommit.AddMinutes(-4)),
    ];

    public static object JobTables(FakeCounts counts) => new
    {
        tables = new[]
        {
            Job("silver.departures", counts.Version / 6, counts.Version - 1, counts.Stored * 96 / 100, counts.BuildError),
            Job("gold.airport_daily", counts.Version / 7, counts.Version / 6, 2_862, null),
            Job("gold.route_monthly", counts.Version / 7, counts.Version / 6, 4_310, null),
        },
        loads = new[]
        {
            new { pipeline = "flights", table = "gold.airport_daily", to = "GOLD.AIRPORT_DAILY", version = counts.Version / 7, rows = 2_862, error = (string?)null },
            new { pipeline = "flights", table = "gold.route_monthly", to = "GOLD.ROUTE_MONTHLY", version = counts.Version / 7, rows = 4_310, error = (string?)null },
        },
        errors = Array.Empty<object>(),
    };

    public static object[] Builds(FakeCounts counts) =>
    [
        .. Enumerable.Range(0, 6).Select(i => new
        {
            kind = i % 3 == 2 ? "load" : "build", pipeline = "flights", table = i % 3 == 0 ? "silver.departures" : "gold.airport_daily", started_at = counts.LastCommit.AddSeconds(-5 * i), duration_ms = 412.5 + (i * 37),
            changed = true, source_version = counts.Version - i, version = (counts.Version / 6) - i, rows_read = 20_000, rows_written = 19_200, rows = counts.Stored, error = i == 0 ? counts.BuildError : null,
        }),
    ];

    public static object? History(FakeCounts counts, HttpRequest request)
    {
        if (!Known(request))
            return null;
        var limit = int.Parse(request.Query["limit"]!, CultureInfo.InvariantCulture);
        return new
        {
            pipeline = "flights",
            table = request.RouteValues["table"],
            commits = Enumerable.Range(0, (int)Math.Min(limit, counts.Version + 1)).Select(i => new
            {
                version = counts.Version - i, time = counts.LastCommit.AddSeconds(-i), operation = counts.Version == i ? "CREATE TABLE" : "STREAMING UPDATE", parameters = new Dictionary<string, string> { ["mode"] = "Append" }, files_added = 1, files_removed = 0, rows_added = 1_400, engine = "RealTimeMesh/0.1.0",
            }).ToArray(),
        };
    }

    public static object? Preview(FakeCounts counts, HttpRequest request) => !Known(request) ? null : (string)request.RouteValues["table"]! == "bronze.trades"
        ? new
        {
            pipeline = "market", table = "bronze.trades", version = 41,
            columns = new object[] { new { name = "trade_id", type = "VARCHAR" }, new { name = "account", type = "VARCHAR" }, new { name = "price", type = "DOUBLE" } },
            rows = new object[] { new object[] { "T-1", "ACC-SECRET", 101.5 } },
        }
        : new
        {
            pipeline = "flights", table = (string)request.RouteValues["table"]!, version = counts.Version,
            columns = new object[]
            {
                new { name = "scheduled", type = "TIMESTAMP WITH TIME ZONE" }, new { name = "delay", type = "INTEGER" }, new { name = "distance", type = "INTEGER" }, new { name = "origin", type = "VARCHAR" },
                new { name = "destination", type = "VARCHAR" }, new { name = "_id", type = "VARCHAR" }, new { name = "_partition", type = "INTEGER" }, new { name = "_offset", type = "BIGINT" },
            },
            rows = Enumerable.Range(0, 50).Select(i => new object?[] { "2001-01-14T09:15:00.000000Z", i % 9 == 0 ? null : i - 6, 431 + (i * 13), "ORD", "MSP", $"flights.departures-2001-01.parquet#{120_000 - i}", i % 4, 41_000 + i }).ToArray(),
        };

    private static bool Known(HttpRequest request) => request.RouteValues["table"] is "bronze.departures" or "silver.departures" or "gold.airport_daily" or "bronze.trades" or "bronze.dead_letters" or "gold.route_monthly";

    private static object Table(string pipeline, string table, long version, long rows, long files, long bytes, DateTimeOffset lastCommit) =>
        new { pipeline, table, version, rows, files, bytes, last_commit = lastCommit, error = (string?)null };

    private static object Job(string table, long version, long sourceVersion, long rows, string? error) =>
        new { pipeline = "flights", table, version, source_version = sourceVersion, rows, last_build = (object?)null, error };
}
