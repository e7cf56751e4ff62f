using System.Text.Json;
using Microsoft.AspNetCore.Http;
using RealTimeMesh.Components;

namespace RealTimeMesh.Sidecar.State;

/// <summary>Answers over HTTP that hold many items.</summary>
internal static class StateAnswers
{
    /// <summary>Written out from time to time: the answer of many keys is not held whole.</summary>
    private const int FlushBytes = 32 * 1024;

    /// <summary>Deeper than any value that the API takes.</summary>
    private static readonly JsonReaderOptions ReaderOptions = new() { MaxDepth = 10_000 };

    public static async Task WriteBulkAsync(HttpResponse response, IReadOnlyList<string> keys, IReadOnlyList<StateItem?> items, CancellationToken cancellationToken)
    {
        response.ContentType = "application/json";
        await using var writer = new Utf8JsonWriter(response.BodyWriter);
        writer.WriteStartArray();
        for (var i = 0; i < keys.Count; i++)
        {
            writer.WriteStartObject();
            writer.WriteString("key"u8, keys[i]);
            if (items[i] is { } item)
                WriteItem(writer, item);
            writer.WriteEndObject();
            if (writer.BytesPending < FlushBytes)
                continue;
            writer.Flush();
            await response.BodyWriter.FlushAsync(cancellationToken);
        }

        writer.WriteEndArray();
    }

    /// <summary>No answers: no content.</summary>
    public static async Task WriteQueryAsync(HttpResponse response, StateQueryPage page)
    {
        if (page.Answers.Count == 0)
        {
            response.StatusCode = StatusCodes.Status204NoContent;
            return;
        }

        response.ContentType = "application/json";
        await using var writer = new Utf8JsonWriter(response.BodyWriter);
        writer.WriteStartObject();
        writer.WriteStartArray("results"u8);
        foreach (var answer in page.Answers)
        {
            writer.WriteStartObject();
            writer.WriteString("key"u8, OriginalKey(answer.Key));
            WriteData(writer, answer.Value);
            if (!string.IsNullOrEmpty(answer.ETag))
                writer.WriteString("etag"u8, answer.ETag);
            if (answer.Error.Length > 0)
                writer.WriteString("error"u8, answer.Error);
            writer.WriteEndObject();
        }

        writer.WriteEndArray();
        if (page.Token.Length > 0)
            writer.WriteString("token"u8, page.Token);
        WriteMetadata(writer, page.Metadata);
        writer.WriteEndObject();
    }

    /// <summary>A store's key without the prefix.</summary>
    public static string OriginalKey(string key)
    {
        var parts = key.Split(StateComponent.Separator, 3);
        return parts.Length < 2 ? key : parts[1];
    }

    private static void WriteItem(Utf8JsonWriter writer, StateItem item)
    {
        if (!string.IsNullOrEmpty(item.Error))
        {
            writer.WriteString("error"u8, item.Error);
            return;
        }

        if (!item.Value.IsEmpty)
            WriteData(writer, item.Value);
        if (item.ETag.Length > 0)
            writer.WriteString("etag"u8, item.ETag);
        WriteMetadata(writer, StateMetadata.Of(item));
    }

    private static void WriteMetadata(Utf8JsonWriter writer, IEnumerable<KeyValuePair<string, string>> metadata)
    {
        var isOpen = false;
        foreach (var (name, text) in metadata)
        {
            if (!isOpen)
                writer.WriteStartObject("metadata"u8);
            isOpen = true;
            writer.WriteString(name, text);
        }

        if (isOpen)
            writer.WriteEndObject();
    }

    private static void WriteData(Utf8JsonWriter writer, ReadOnlyMemory<byte> value)
    {
        writer.WritePropertyName("data"u8);
        if (IsJson(value.Span))
            writer.WriteRawValue(value.Span, skipInputValidation: true);
        else
            // Saved over gRPC as bytes that are no JSON.
            writer.WriteBase64StringValue(value.Span);
    }

    private static bool IsJson(ReadOnlySpan<byte> value)
    {
        try
        {
            var reader = new Utf8JsonReader(value, ReaderOptions);
            while (reader.Read())
            {
            }

            return !value.IsEmpty;
        }
        catch (JsonException)
        {
            return false;
        }
    }
}
