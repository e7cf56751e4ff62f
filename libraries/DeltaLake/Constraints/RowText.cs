using RealTimeMesh.DeltaLake.Expressions;

namespace RealTimeMesh.DeltaLake;

/// <summary>Values of rows in messages.</summary>
internal static class RowText
{
    private const int MaxLength = 100;

    public static string Of(SchemaField field, object? value)
    {
        var text = value switch
        {
            null => "null",
            decimal number => number.ToString(System.Globalization.CultureInfo.InvariantCulture),
            _ => new Literal(value) { Type = field.Type }.ToString(),
        };
        return text.Length <= MaxLength ? text : text[..MaxLength] + "…";
    }
}
