using System.Buffers;
using System.Text.Json;

namespace RealTimeMesh.Streaming;

/// <summary>What a <see cref="StateLog"/> consists of.</summary>
internal sealed record LogHead
{
    /// <summary>Number of the copy; 0 where there is none yet.</summary>
    public long Copy { get; init; }

    /// <summary>Rows of the copy, and their bytes.</summary>
    public long Pieces { get; init; }

    public long CopyBytes { get; init; }

    /// <summary>First commit whose changes follow the copy, and one more than the last.</summary>
    public long First { get; init; }

    public long End { get; init; }

    /// <summary>Rows of the copy before this one, and first commit, that are not deleted yet.</summary>
    public long OldPieces { get; init; }

    public long Kept { get; init; }

    /// <summary>First commit that a copy under way does not hold for sure, or -1. What was written of a copy whose writer died is written over by the next.</summary>
    public long Begun { get; init; } = -1;

    public long BegunPieces { get; init; }

    public long BegunBytes { get; init; }

    public bool HasRubbish => OldPieces > 0 || Kept < First;

    public ReadOnlyMemory<byte> Write(Action<Utf8JsonWriter> writeTask)
    {
        var buffer = new ArrayBufferWriter<byte>(512);
        using var json = new Utf8JsonWriter(buffer);
        json.WriteStartObject();
        json.WriteStartObject("log"u8);
        json.WriteNumber("copy"u8, Copy);
        json.WriteNumber("pieces"u8, Pieces);
        json.WriteNumber("copy_bytes"u8, CopyBytes);
        json.WriteNumber("first"u8, First);
        json.WriteNumber("end"u8, End);
        json.WriteNumber("old_pieces"u8, OldPieces);
        json.WriteNumber("kept"u8, Kept);
        json.WriteEndObject();
        json.WritePropertyName("task"u8);
        writeTask(json);
        json.WriteEndObject();
        json.Flush();
        return buffer.WrittenMemory;
    }

    public static (LogHead Head, JsonElement Task) Read(string key, ReadOnlyMemory<byte> row)
    {
        try
        {
            using var document = JsonDocument.Parse(row);
            var log = document.RootElement.GetProperty("log");
            return (new LogHead
            {
                Copy = log.GetProperty("copy").GetInt64(),
                Pieces = log.GetProperty("pieces").GetInt64(),
                CopyBytes = log.GetProperty("copy_bytes").GetInt64(),
                First = log.GetProperty("first").GetInt64(),
                End = log.GetProperty("end").GetInt64(),
                OldPieces = log.GetProperty("old_pieces").GetInt64(),
                Kept = log.GetProperty("kept").GetInt64(),
            }, document.RootElement.GetProperty("task").Clone());
        }
        catch (Exception exception) when (exception is JsonException or KeyNotFoundException or InvalidOperationException or FormatException)
        {
            throw new StreamingException($"state row '{key}': not the head of a task ({exception.Message}); expected one written by this service; restore it, or delete the task's state and replay.", exception);
        }
    }
}
