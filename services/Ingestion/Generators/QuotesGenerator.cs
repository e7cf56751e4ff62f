using System.Text.Json;

namespace RealTimeMesh.Ingestion.Generators;

/// <summary>Quotes around the prices at which the trades of the same seed happen, up to half a second late.</summary>
internal sealed class QuotesGenerator : IEventGenerator
{
    public string Name => "quotes";

    public void Write(Utf8JsonWriter json, long seed, long row)
    {
        var symbol = Market.Symbol(seed, row);
        var time = Market.Time(seed, row) - RowNoise.Below(500_000, seed, row, 20);
        var price = Market.Price(seed, symbol, time);
        var half = 0.01 * (1 + RowNoise.Below(4, seed, row, 21));
        Span<byte> text = stackalloc byte[32];
        text[0] = (byte)'Q';
        row.TryFormat(text[1..], out var digits, "D10");
        json.WriteStartObject();
        json.WriteString("quote_id"u8, text[..(1 + digits)]);
        json.WriteString("symbol"u8, Market.Symbols[symbol]);
        json.WriteNumber("bid"u8, Math.Round(price - half, 2));
        json.WriteNumber("ask"u8, Math.Round(price + half, 2));
        json.WriteNumber("bid_size"u8, 100L * (1 + RowNoise.Below(20, seed, row, 22)));
        json.WriteNumber("ask_size"u8, 100L * (1 + RowNoise.Below(20, seed, row, 23)));
        Market.TryFormatTime(time, text, out var length);
        json.WriteString("quoted_at"u8, text[..length]);
        json.WriteEndObject();
    }
}
