using System.Globalization;
using System.Text.Json;

namespace RealTimeMesh.Console.Formatting;

/// <summary>JSON values of a table or view as a cell shows them.</summary>
internal static class Values
{
    private const int MaxLength = 120;

    /// <param name="fraction">The column's numbers have fractions: all of them show two digits, so that the points stand below each other.</param>
    public static string Text(JsonElement value, bool fraction = false) => value.ValueKind switch
    {
        JsonValueKind.Null or JsonValueKind.Undefined => Show.Nothing,
        JsonValueKind.True => "true",
        JsonValueKind.False => "false",
        JsonValueKind.Number when !fraction && value.TryGetInt64(out var whole) => Show.Count(whole),
        JsonValueKind.Number => value.GetDouble().ToString("#,0.00##", CultureInfo.InvariantCulture),
        JsonValueKind.String => Clip(Moment(value.GetString()!)),
        _ => Clip(value.GetRawText()),
    };

    /// <summary>Years, ids and offsets read badly with thousands separators; everything else reads better.</summary>
    public static string Plain(JsonElement value) => value.ValueKind == JsonValueKind.Number ? value.GetRawText() : Text(value);

    private static string Clip(string text) => text.Length <= MaxLength ? text : text[..MaxLength] + "…";

    private static string Moment(string text) =>
        text.Length is >= 20 and <= 35 && text[4] == '-' && text[10] == 'T'
        && DateTimeOffset.TryParse(text, CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal, out var time)
            ? Show.Time(time)
            : text;
}
