using System.Text.Json;

namespace RealTimeMesh.Ingestion.Generators;

/// <summary>
/// Trades: one in a hundred is told again with the same trade_id, most arrive up to 2 s late and one in two thousand
/// minutes late, one in a thousand is wrong (a negative price, a side that is none, no symbol).
/// </summary>
internal sealed class TradesGenerator : IEventGenerator
{
    private const int Accounts = 40;

    public string Name => "trades";

    public void Write(Utf8JsonWriter json, long seed, long row)
    {
        // A repetition is the event of an earlier row, word for word.
        if (row > 0 && RowNoise.Below(100, seed, row, 10) == 0)
            row -= 1 + RowNoise.Below((int)Math.Min(row, 500), seed, row, 11);
        var symbol = Market.Symbol(seed, row);
        var time = Market.Time(seed, row) - Delay(seed, row);
        var price = Market.Price(seed, symbol, time);
        var wrong = RowNoise.Below(1_000, seed, row, 12) == 0 ? 1 + RowNoise.Below(3, seed, row, 13) : 0;
        Span<byte> text = stackalloc byte[32];
        json.WriteStartObject();
        var id = "T"u8.Length;
        text[0] = (byte)'T';
        row.TryFormat(text[id..], out var digits, "D10");
        json.WriteString("trade_id"u8, text[..(id + digits)]);
        if (wrong != 3)
            json.WriteString("symbol"u8, Market.Symbols[symbol]);
        json.WriteNumber("price"u8, wrong == 1 ? -price : price);
        json.WriteNumber("quantity"u8, 100L * (1 + (long)(9 * Math.Pow(RowNoise.Unit(seed, row, 14), 3))));
        json.WriteString("side"u8, wrong == 2 ? "HOLD"u8 : RowNoise.Below(2, seed, row, 15) == 0 ? "BUY"u8 : "SELL"u8);
        "ACC-"u8.CopyTo(text);
        RowNoise.Below(Accounts, seed, row, 16).TryFormat(text[4..], out digits, "D3");
        json.WriteString("account"u8, text[..(4 + digits)]);
        Market.TryFormatTime(time, text, out var length);
        json.WriteString("executed_at"u8, text[..length]);
        json.WriteEndObject();
    }

    /// <summary>How long the trade took to be told, microseconds.</summary>
    private static long Delay(long seed, long row) => RowNoise.Below(2_000, seed, row, 17) == 0
        ? 60_000_000 + RowNoise.Below(240_000_000, seed, row, 18)
        : RowNoise.Below(2_000_000, seed, row, 18);
}
