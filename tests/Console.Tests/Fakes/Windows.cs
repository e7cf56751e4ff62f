using System.Globalization;
using Microsoft.AspNetCore.Http;

namespace RealTimeMesh.Console.Tests.Fakes;

/// <summary>Windows of the views: three hundred groups and windows in all, newest first, keyed and paged as the service does it.</summary>
internal static class Windows
{
    private static readonly string[] s_airports = ["ATL", "ORD", "DFW", "LAX", "PHX", "DEN", "STL", "DTW", "MSP", "IAH"];

    public static object? Answer(HttpRequest request)
    {
        var view = (string?)request.RouteValues["view"];
        if (view is not ("delays_by_airport" or "busiest_routes" or "exposure"))
            return null;
        var key = request.Query["key"].ToString();
        var limit = int.Parse(request.Query["limit"]!, CultureInfo.InvariantCulture);
        var skip = int.TryParse(request.Query["after"], out var after) ? after : 0;
        var rows = Rows(view).Where(row => key.Length == 0 || (string)row["_key"]! == key).ToList();
        var page = rows.Skip(skip).Take(limit).Select(row => row.Where(cell => cell.Key != "_key").ToDictionary()).ToList();
        string[] columns = view == "exposure" ? ["account", "symbol", "net_quantity", "net_notional", "start", "end", "final"] : ["origin", "flights", "delayed", "avg_delay", "worst", "p95", "start", "end", "final"];
        return new { pipeline = request.RouteValues["pipeline"], view, columns, rows = page, next = skip + limit < rows.Count ? (skip + limit).ToString(CultureInfo.InvariantCulture) : null };
    }

    private static IEnumerable<Dictionary<string, object?>> Rows(string view)
    {
        var newest = new DateTime(2001, 1, 14, 9, 0, 0, DateTimeKind.Utc);
        for (var window = 0; window < 30; window++)
        {
            for (var group = 0; group < s_airports.Length; group++)
            {
                var start = newest.AddMinutes(-15 * window);
                var row = new Dictionary<string, object?>();
                var mix = ((window * 31) + (group * 17)) % 23;
                if (view == "exposure")
                {
                    row["account"] = $"ACC-{group:000}";
                    row["symbol"] = "MSFT";
                    row["net_quantity"] = 100 * mix;
                    row["net_notional"] = 40_112.5 * mix;
                    row["_key"] = $"ACC-{group:000}|MSFT";
                }
                else
                {
                    row["origin"] = s_airports[group];
                    row["flights"] = 8 + mix;
                    row["delayed"] = mix / 3;
                    row["avg_delay"] = 3.25 + (mix * 0.71);
                    row["worst"] = 20 + (mix * 4);
                    row["p95"] = 17.5 + mix;
                    row["_key"] = s_airports[group];
                }

                row["start"] = start.ToString("yyyy-MM-ddTHH:mm:ssZ", CultureInfo.InvariantCulture);
                row["end"] = start.AddMinutes(15).ToString("yyyy-MM-ddTHH:mm:ssZ", CultureInfo.InvariantCulture);
                row["final"] = window > 1;
                yield return row;
            }
        }
    }
}
