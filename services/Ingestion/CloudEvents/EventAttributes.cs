using System.Diagnostics;
using System.Globalization;
using System.Text.Json;
using RealTimeMesh.Contracts;
using RealTimeMesh.Contracts.DeadLetters;

namespace RealTimeMesh.Ingestion.CloudEvents;

/// <summary>
/// The attributes of one CloudEvent, checked by the specification (1.0) as they are added. They become headers of the event on
/// its topic; its data becomes the row.
/// </summary>
internal sealed class EventAttributes
{
    private const int MaxCount = 64;

    /// <summary>All names and values together, characters: they travel as headers, of which brokers and sidecars take few.</summary>
    private const int MaxLength = 16 * 1024;

    private readonly List<string> _names = [];
    private readonly List<KeyValuePair<string, string>> _headers = [];
    private int _length;

    public string Id { get; private set; } = "";

    public string Source { get; private set; } = "";

    /// <summary>Media type of the data; null where it names none, which means JSON.</summary>
    public string? ContentType { get; private set; }

    /// <summary>The event's own trace; null where it has none that is sound.</summary>
    public string? TraceParent { get; private set; }

    /// <summary>Memory that they take as headers, bytes, nearly.</summary>
    public long Footprint => (128 * (long)(_names.Count + 1)) + (2 * (long)_length);

    /// <summary>Adds an attribute. False where its name or its value is none.</summary>
    public bool TryAdd(string name, string value, out RowFault fault)
    {
        if (!IsName(name))
            return Refuse(DeadLetterWriter.Clip(name, 40), "an attribute of this name", "a name of the characters a-z and 0-9", out fault);
        if (_names.Contains(name, StringComparer.Ordinal))
            return Refuse(name, "the attribute twice", "it once", out fault);
        _length += name.Length + value.Length;
        if (_names.Count == MaxCount || _length > MaxLength)
            return Refuse(name, $"more than {MaxCount} attributes, or more than {MaxLength} characters in them", "fewer", out fault);
        _names.Add(name);
        if (!IsText(value))
            return Refuse(name, "a control character or half of a surrogate pair", "text", out fault);
        fault = default;
        switch (name)
        {
            case "specversion":
                return value == "1.0" || Refuse(name, $"'{value}'", "'1.0'", out fault);
            case "id":
                Id = value;
                return value.Length > 0 || Refuse(name, "an empty text", "the event's id", out fault);
            case "source":
                Source = value;
                return (value.Length > 0 && !value.Contains(' ')) || Refuse(name, $"'{value}'", "a URI reference", out fault);
            case "type" or "subject" or "dataschema":
                _headers.Add(new($"ce_{name}", value));
                return value.Length > 0 || Refuse(name, "an empty text", "text", out fault);
            case "time":
                _headers.Add(new("ce_time", value));
                return IsTime(value) || Refuse(name, $"'{value}'", "a time as 2026-01-31T12:30:00Z", out fault);
            case "datacontenttype":
                ContentType = value;
                return value.Length > 0 || Refuse(name, "an empty text", "a media type", out fault);
            default:
                AddExtension(name, value);
                return true;
        }
    }

    /// <summary>False, with the first that is not there, where one is missing that every event has.</summary>
    public bool TryComplete(out RowFault fault)
    {
        foreach (var name in (ReadOnlySpan<string>)["specversion", "id", "source", "type"])
        {
            if (!_names.Contains(name, StringComparer.Ordinal))
                return Refuse(name, "nothing", "the attribute, which every CloudEvent has", out fault);
        }

        fault = default;
        return true;
    }

    /// <summary>What the event's message carries of them.</summary>
    /// <param name="sequenced">The events have a source and an order of their own, by which consumers drop what comes twice: theirs stays the message's source.</param>
    public IReadOnlyList<KeyValuePair<string, string>> Headers(bool sequenced)
    {
        List<KeyValuePair<string, string>> headers = [.. _headers, new(sequenced ? "ce_originsource" : "ce_source", Source)];
        if (TraceParent is not null)
            headers.Add(new("traceparent", TraceParent));
        return headers;
    }

    /// <summary>All of them in JSON, as they stand beside an event that is rejected.</summary>
    public byte[] Json()
    {
        using var output = new MemoryStream();
        using (var json = new Utf8JsonWriter(output))
        {
            json.WriteStartObject();
            json.WriteString("ce_specversion"u8, "1.0"u8);
            json.WriteString("ce_id"u8, Id);
            foreach (var (name, value) in Headers(sequenced: false))
                json.WriteString(name, value);
            json.WriteEndObject();
        }

        return output.ToArray();
    }

    public static bool Refuse(string attribute, string found, string expected, out RowFault fault)
    {
        fault = new RowFault(attribute, RowRules.CloudEvent, found, expected);
        return false;
    }

    private void AddExtension(string name, string value)
    {
        switch (name)
        {
            case "traceparent" when ActivityContext.TryParse(value, null, out _):
                TraceParent = value;
                break;
            // The message's own is the place of the event in the order of its lane.
            case "sequence" or "originsequence":
                _headers.Add(new("ce_originsequence", value));
                break;
            default:
                _headers.Add(new($"ce_{name}", value));
                break;
        }
    }

    private static bool IsName(string name) => name.Length > 0 && name.All(c => char.IsAsciiLetterLower(c) || char.IsAsciiDigit(c));

    private static bool IsText(string value)
    {
        for (var i = 0; i < value.Length; i++)
        {
            if (char.IsControl(value[i]))
                return false;
            if (!char.IsSurrogate(value[i]))
                continue;
            if (i + 1 == value.Length || !char.IsSurrogatePair(value[i], value[i + 1]))
                return false;
            i++;
        }

        return true;
    }

    /// <summary>RFC 3339, with any number of digits behind the second.</summary>
    private static bool IsTime(string value) =>
        value.Length >= 20 && value[4] == '-' && value[7] == '-' && value[10] is 'T' or 't' && (value[^1] is 'Z' or 'z' || value[^6] is '+' or '-')
        && DateTimeOffset.TryParse(value, CultureInfo.InvariantCulture, DateTimeStyles.RoundtripKind, out _);
}
