using System.Text.Json;

namespace RealTimeMesh.Streaming;

/// <summary>Doubles in JSON: NaN and the infinities have no number there and are written as text.</summary>
internal static class JsonNumbers
{
    public static void Write(Utf8JsonWriter json, bool isNull, double value)
    {
        if (isNull)
            json.WriteNullValue();
        else if (double.IsFinite(value))
            json.WriteNumberValue(value);
        else
            json.WriteStringValue(double.IsNaN(value) ? "NaN" : value > 0 ? "Infinity" : "-Infinity");
    }
}
