using System.Globalization;
using System.Text;
using System.Text.Json;
using RealTimeMesh.Contracts;
using RealTimeMesh.Contracts.DeadLetters;

namespace RealTimeMesh.Ingestion.CloudEvents;

/// <summary>A CloudEvent in JSON: attributes, and data that is a part of the document, a text, or bytes in base64.</summary>
internal readonly ref struct StructuredEvent
{
    private StructuredEvent(EventAttributes attributes, ReadOnlySpan<byte> json, byte[]? bytes, bool isBinary)
    {
        Attributes = attributes;
        Json = json;
        Bytes = bytes;
        IsBinary = isBinary;
    }

    public EventAttributes Attributes { get; }

    /// <summary>The data as it stands in the document; nothing where it is <see cref="Bytes"/>.</summary>
    public ReadOnlySpan<byte> Json { get; }

    /// <summary>The data of <c>data_base64</c>, or a text of another media type than JSON; null where it is <see cref="Json"/>.</summary>
    public byte[]? Bytes { get; }

    /// <summary>The data came in base64.</summary>
    public bool IsBinary { get; }

    /// <summary>Reads a document. False, with what is wrong by the attribute's name, where it is no CloudEvent with data.</summary>
    public static bool TryRead(ReadOnlySpan<byte> document, out StructuredEvent result, out RowFault fault)
    {
        result = default;
        try
        {
            return TryParse(document, out result, out fault);
        }
        catch (JsonException e)
        {
            fault = new RowFault("", RowRules.Json, $"no JSON ({DeadLetterWriter.Clip(e.Message, 120)})", "a CloudEvent as one JSON object");
            return false;
        }
        catch (InvalidOperationException)
        {
            // What a reader of JSON lets pass and a text can't hold.
            fault = new RowFault("", RowRules.Encoding, "a text with half of a surrogate pair or bytes that are no UTF-8", "Unicode");
            return false;
        }
    }

    private static bool TryParse(ReadOnlySpan<byte> document, out StructuredEvent result, out RowFault fault)
    {
        result = default;
        var reader = new Utf8JsonReader(document);
        if (!reader.Read() || reader.TokenType != JsonTokenType.StartObject)
        {
            fault = new RowFault("", RowRules.Json, $"a JSON {reader.TokenType}", "a CloudEvent as one JSON object");
            return false;
        }

        var attributes = new EventAttributes();
        Range? json = null;
        Utf8JsonReader data = default;
        bool hasData = false, hasBytes = false, isText = false;
        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            var isBytes = reader.ValueTextEquals("data_base64"u8);
            if (!isBytes && !reader.ValueTextEquals("data"u8))
            {
                if (!TryAttribute(ref reader, attributes, out fault))
                    return false;
                continue;
            }

            reader.Read();
            if (isBytes ? hasBytes : hasData)
                return EventAttributes.Refuse(isBytes ? "data_base64" : "data", "it twice", "it once", out fault);
            // As of attributes: a null is as if it weren't there.
            if (reader.TokenType == JsonTokenType.Null)
                continue;
            if (isBytes && reader.TokenType != JsonTokenType.String)
                return EventAttributes.Refuse("data_base64", $"a JSON {reader.TokenType}", "a text in base64", out fault);
            if (hasData || hasBytes)
                return EventAttributes.Refuse("data_base64", "it beside data", "one of them", out fault);
            (hasData, hasBytes, isText) = (!isBytes, isBytes, reader.TokenType == JsonTokenType.String);
            data = reader;
            var start = (int)reader.TokenStartIndex;
            reader.Skip();
            json = start..(int)reader.BytesConsumed;
        }

        // Anything behind the object throws.
        reader.Read();
        if (!attributes.TryComplete(out fault))
            return false;
        if (json is not { } place)
            return EventAttributes.Refuse("data", "neither data nor data_base64", "the event's data", out fault);
        return TryData(document[place], data, hasBytes, isText, attributes, out result, out fault);
    }

    private static bool TryData(ReadOnlySpan<byte> json, Utf8JsonReader token, bool isBytes, bool isText, EventAttributes attributes, out StructuredEvent result, out RowFault fault)
    {
        fault = default;
        byte[]? bytes = null;
        if (isBytes && !token.TryGetBytesFromBase64(out bytes))
        {
            result = default;
            return EventAttributes.Refuse("data_base64", "a text that is no base64", "base64 of the data's bytes", out fault);
        }

        if (isText && !isBytes && attributes.ContentType is { } type && !EventData.IsJson(type))
            bytes = Encoding.UTF8.GetBytes(token.GetString()!);
        result = new StructuredEvent(attributes, bytes is null ? json : default, bytes, isBytes);
        return true;
    }

    /// <summary>Reads a name and its value.</summary>
    private static bool TryAttribute(ref Utf8JsonReader reader, EventAttributes attributes, out RowFault fault)
    {
        var name = reader.GetString()!;
        reader.Read();
        fault = default;
        switch (reader.TokenType)
        {
            case JsonTokenType.Null:
                return true;
            case JsonTokenType.String:
                return attributes.TryAdd(name, reader.GetString()!, out fault);
            case var token when name is "specversion" or "id" or "source" or "type" or "subject" or "time" or "datacontenttype" or "dataschema":
                return EventAttributes.Refuse(name, $"a JSON {token}", "a text", out fault);
            case JsonTokenType.True or JsonTokenType.False:
                return attributes.TryAdd(name, reader.GetBoolean() ? "true" : "false", out fault);
            case JsonTokenType.Number when reader.TryGetInt32(out var number):
                return attributes.TryAdd(name, number.ToString(CultureInfo.InvariantCulture), out fault);
            case JsonTokenType.Number:
                return EventAttributes.Refuse(DeadLetterWriter.Clip(name, 40), DeadLetterWriter.Clip(Encoding.UTF8.GetString(reader.ValueSpan)), "an integer of 32 bits, a text, true or false", out fault);
            case var token:
                return EventAttributes.Refuse(DeadLetterWriter.Clip(name, 40), $"a JSON {token}", "a text, an integer, true or false", out fault);
        }
    }
}
