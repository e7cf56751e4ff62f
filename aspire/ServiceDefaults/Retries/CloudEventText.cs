using System.Text.Json;

namespace RealTimeMesh.ServiceDefaults.Retries;

/// <summary>Reads attributes of values that are CloudEvents in JSON, as Dapr puts them on topics.</summary>
public static class CloudEventText
{
    /// <summary>A text attribute; null where the value is no JSON object, or has none of this name.</summary>
    public static string? Find(ReadOnlySpan<byte> value, ReadOnlySpan<byte> name)
    {
        if (value.IsEmpty || value[0] != (byte)'{')
            return null;
        try
        {
            var reader = new Utf8JsonReader(value);
            reader.Read();
            while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
            {
                var found = reader.ValueTextEquals(name);
                reader.Read();
                if (found)
                    return reader.TokenType == JsonTokenType.String ? reader.GetString() : null;
                reader.Skip();
            }
        }
        catch (JsonException)
        {
            // No JSON, so no attribute.
        }

        return null;
    }
}
