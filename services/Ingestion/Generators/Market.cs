using System.Globalization;

namespace RealTimeMesh.Ingestion.Generators;

/// <summary>What trades and quotes have in common: symbols, prices, time.</summary>
internal static class Market
{
    /// <summary>Microseconds of 2026-01-05T14:30:00Z, the opening bell of a Monday in New York.</summary>
    public const long Opening = 1_767_623_400_000_000;

    /// <summary>Mean distance of two events, microseconds; each varies between nothing and twice that.</summary>
    private const long Pace = 10_000;

    public static string[] Symbols { get; } =
    [
        "AAPL", "ABBV", "ADBE", "AMD", "AMZN", "AVGO", "AXP", "BA", "BAC", "BLK", "C", "CAT", "COST", "CRM", "CSCO", "CVX", "DE",
        "DIS", "GE", "GOOG", "GS", "HD", "HON", "IBM", "INTC", "JNJ", "JPM", "KO", "LLY", "LMT", "MA", "MCD", "META", "MRK", "MS",
        "MSFT", "NFLX", "NKE", "NVDA", "ORCL", "PEP", "PFE", "PG", "QCOM", "T", "TSLA", "UNH", "V", "WMT", "XOM",
    ];

    /// <summary>A symbol; the first ones trade far more than the last.</summary>
    public static int Symbol(long seed, long row)
    {
        var unit = RowNoise.Unit(seed, row, 1);
        return (int)(unit * unit * Symbols.Length);
    }

    /// <summary>When the event of a row happens, microseconds since 1970, before it is delayed on its way. Never falls.</summary>
    public static long Time(long seed, long row) =>
        Opening + row * Pace + (long)(RowNoise.Unit(seed, row, 2) * (Pace - 1_000));

    /// <summary>Price in whole cents. All seeds walk from the same list prices, so that trades and quotes of one seed agree.</summary>
    public static double Price(long seed, int symbol, long micros)
    {
        var start = 20 + RowNoise.Unit(7, symbol, 3) * 480;
        // One cell a second; 14 octaves reach over half a day.
        var walk = RowNoise.Walk(seed, 100 + symbol, (micros - Opening) / 1e6, 14);
        return Math.Round(start * Math.Exp(walk * 0.0002), 2);
    }

    /// <summary>ISO-8601 with microseconds.</summary>
    public static bool TryFormatTime(long micros, Span<byte> text, out int written) =>
        DateTime.UnixEpoch.AddMicroseconds(micros).TryFormat(text, out written, "yyyy-MM-dd'T'HH:mm:ss.ffffff'Z'", CultureInfo.InvariantCulture);
}
