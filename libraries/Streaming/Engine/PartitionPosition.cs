using System.Text.Json;

namespace RealTimeMesh.Streaming;

/// <summary>
/// The position record of one partition: how far it is applied, what was counted, and which pages each view has.
/// Written with every transaction and guarded by its version tag.
/// </summary>
internal sealed class PartitionPosition
{
    /// <summary>Offset of the last event applied, or -1.</summary>
    public long Offset { get; set; } = -1;

    /// <summary>Largest event time, microseconds, or <see cref="BatchRows.NoTime"/>.</summary>
    public long MaxTime { get; set; } = BatchRows.NoTime;

    public long Applied { get; set; }

    public long Late { get; set; }

    public long Quarantined { get; set; }

    public long DuplicatesSkipped { get; set; }

    /// <summary>Events that came once more because they had been dead letters.</summary>
    public long Redriven { get; set; }

    /// <summary>Transactions so far; makes each record differ from the one before it.</summary>
    public long Batches { get; set; }

    public SourceSequences Sources { get; } = new();

    public void Write(Utf8JsonWriter json, string writer, long watermark, IReadOnlyList<PartitionView> views)
    {
        json.WriteStartObject();
        json.WriteNumber("offset"u8, Offset);
        if (MaxTime != BatchRows.NoTime)
        {
            json.WriteString("watermark"u8, EventTimes.Format(watermark));
            json.WriteNumber("max_event_time_us"u8, MaxTime);
        }

        json.WriteNumber("applied"u8, Applied);
        json.WriteNumber("late"u8, Late);
        json.WriteNumber("quarantined"u8, Quarantined);
        json.WriteNumber("duplicates_skipped"u8, DuplicatesSkipped);
        if (Redriven > 0)
            json.WriteNumber("redriven"u8, Redriven);
        json.WriteNumber("batches"u8, Batches);
        json.WriteString("writer"u8, writer);
        json.WriteStartObject("sources"u8);
        foreach (var source in Sources.All)
        {
            json.WriteStartObject(source.Name);
            json.WriteNumber("sequence"u8, source.Sequence);
            json.WriteNumber("offset"u8, source.Offset);
            json.WriteEndObject();
        }

        json.WriteEndObject();
        json.WriteStartObject("views"u8);
        foreach (var view in views)
        {
            json.WriteStartObject(view.Plan.Definition.Name);
            json.WriteString("signature"u8, view.Plan.Signature);
            json.WriteNumber("late"u8, view.Late);
            json.WriteStartArray("pages"u8);
            WriteRuns(json, view.Shelves.Keys);
            json.WriteEndArray();
            json.WriteEndObject();
        }

        json.WriteEndObject();
        json.WriteEndObject();
    }

    public static PartitionPosition Read(string key, ReadOnlyMemory<byte> row, IReadOnlyList<PartitionView> views)
    {
        try
        {
            using var document = JsonDocument.Parse(row);
            var root = document.RootElement;
            var position = new PartitionPosition
            {
                Offset = root.GetProperty("offset").GetInt64(),
                MaxTime = root.TryGetProperty("max_event_time_us", out var time) ? time.GetInt64() : BatchRows.NoTime,
                Applied = root.GetProperty("applied").GetInt64(),
                Late = root.GetProperty("late").GetInt64(),
                Quarantined = root.GetProperty("quarantined").GetInt64(),
                DuplicatesSkipped = root.GetProperty("duplicates_skipped").GetInt64(),
                Redriven = root.TryGetProperty("redriven", out var redriven) ? redriven.GetInt64() : 0,
                Batches = root.GetProperty("batches").GetInt64(),
            };
            foreach (var source in root.GetProperty("sources").EnumerateObject())
                position.Sources.Restore(source.Name, source.Value.GetProperty("sequence").GetInt64(), source.Value.GetProperty("offset").GetInt64());
            foreach (var view in views)
            {
                if (root.GetProperty("views").TryGetProperty(view.Plan.Definition.Name, out var stored))
                    RestoreView(view, stored);
            }

            return position;
        }
        catch (Exception exception) when (exception is JsonException or KeyNotFoundException or InvalidOperationException or FormatException)
        {
            throw new StreamingException($"state row '{key}': not a position record ({exception.Message}); expected one written by this service; restore it, or delete the state of the stream and replay it.", exception);
        }
    }

    private static void RestoreView(PartitionView view, JsonElement stored)
    {
        var signature = stored.GetProperty("signature").GetString();
        if (signature != view.Plan.Signature)
            throw new StreamingException($"view '{view.Plan.FullName}': its stored windows were made by another definition ({signature}, now {view.Plan.Signature}); expected the same window, by, where and select; give the changed view another name, or delete its state and replay.");
        view.Late = stored.GetProperty("late").GetInt64();
        foreach (var run in stored.GetProperty("pages").EnumerateArray())
            view.Restore(run[0].GetInt64(), run[1].GetInt64());
    }

    private static void WriteRuns(Utf8JsonWriter json, IEnumerable<long> numbers)
    {
        long? first = null;
        long last = 0;
        foreach (var number in numbers)
        {
            if (first is not null && number == last + 1)
            {
                last = number;
                continue;
            }

            WriteRun(json, first, last);
            first = last = number;
        }

        WriteRun(json, first, last);
    }

    private static void WriteRun(Utf8JsonWriter json, long? first, long last)
    {
        if (first is null)
            return;
        json.WriteStartArray();
        json.WriteNumberValue(first.Value);
        json.WriteNumberValue(last);
        json.WriteEndArray();
    }
}
