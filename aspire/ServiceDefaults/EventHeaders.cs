using System.Text.Json;

namespace RealTimeMesh.ServiceDefaults;

/// <summary>Headers of a delivered event beyond those that <see cref="DeliveredEvent"/> names.</summary>
public static class EventHeaders
{
    /// <summary>The header's value; null where the event has no such header.</summary>
    public static string? Header(this in DeliveredEvent item, ReadOnlySpan<byte> name)
    {
        if (item.Metadata.IsEmpty)
            return null;
        var reader = new Utf8JsonReader(item.Metadata.Span);
        reader.Read();
        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            var found = reader.ValueTextEquals(name);
            reader.Read();
            if (found)
                return reader.TokenType == JsonTokenType.String ? reader.GetString() : null;
            reader.Skip();
        }

        return null;
    }

    /// <summary>All headers, the broker's own (<c>__topic</c> and the like) included. Allocates: for events that go another way.</summary>
    public static Dictionary<string, string> AllHeaders(this in DeliveredEvent item)
    {
        var all = new Dictionary<string, string>(StringComparer.OrdinalIgnoreCase);
        if (item.Metadata.IsEmpty)
            return all;
        var reader = new Utf8JsonReader(item.Metadata.Span);
        reader.Read();
        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            var name = reader.GetString()!;
            reader.Read();
            if (reader.TokenType == JsonTokenType.String)
                all[name] = reader.GetString()!;
            else
                reader.Skip();
        }

        return all;
    }
}
