using System.Text.Json;

namespace RealTimeMesh.Streaming;

/// <summary>The task's own part of the head of its <see cref="StateLog"/>.</summary>
internal static class TaskHead
{
    public static void Write(Utf8JsonWriter json, TaskPlan plan, string writer, long commits, IReadOnlyList<TaskInput> inputs, IReadOnlyList<long> late, IEnumerable<LateEvent> events)
    {
        json.WriteStartObject();
        json.WriteString("plan"u8, plan.Signature);
        json.WriteString("writer"u8, writer);
        // Makes each head differ from the one before it.
        json.WriteNumber("commits"u8, commits);
        json.WriteStartArray("inputs"u8);
        foreach (var input in inputs)
            Write(json, input);
        json.WriteEndArray();
        json.WriteStartArray("late"u8);
        foreach (var count in late)
            json.WriteNumberValue(count);
        json.WriteEndArray();
        json.WriteStartArray("late_events"u8);
        foreach (var item in events)
            Write(json, item);
        json.WriteEndArray();
        json.WriteEndObject();
    }

    /// <summary>Fills what a new task has; returns the number of commits.</summary>
    public static long Read(string name, JsonElement head, TaskPlan plan, int partition, IReadOnlyList<TaskInput> inputs, long[] late, Queue<LateEvent> events)
    {
        try
        {
            var signature = head.GetProperty("plan").GetString();
            if (signature != plan.Signature)
                throw new StreamingException($"'{name}': the stored state was made by another definition ({signature}, now {plan.Signature}); expected the same windows, joins, by, where and select; give what changed another name, or delete its state and replay.");
            foreach (var (stored, input) in head.GetProperty("inputs").EnumerateArray().Zip(inputs))
                Read(stored, input);
            var index = 0;
            foreach (var count in head.GetProperty("late").EnumerateArray())
                late[index++] = count.GetInt64();
            foreach (var item in head.GetProperty("late_events").EnumerateArray())
                events.Enqueue(new LateEvent(item[0].GetString()!, item[1].GetString()!, partition, item[2].GetInt64(), item[3].GetInt64(), item[4].GetInt64()));
            return head.GetProperty("commits").GetInt64();
        }
        catch (Exception exception) when (exception is JsonException or KeyNotFoundException or InvalidOperationException or FormatException or IndexOutOfRangeException)
        {
            throw new StreamingException($"'{name}': the head of the stored state is not one of a task ({exception.Message}); expected one written by this service; restore it, or delete the task's state and replay.", exception);
        }
    }

    private static void Write(Utf8JsonWriter json, TaskInput input)
    {
        json.WriteStartObject();
        json.WriteString("topic"u8, input.Source.Topic);
        json.WriteNumber("offset"u8, input.Offset);
        json.WriteNumber("max_time"u8, input.MaxTime);
        json.WriteNumber("max_offset"u8, input.MaxOffset);
        json.WriteNumber("floor"u8, input.Floor);
        json.WriteNumber("applied"u8, input.Applied);
        json.WriteNumber("late"u8, input.Late);
        json.WriteNumber("quarantined"u8, input.Quarantined);
        json.WriteNumber("duplicates_skipped"u8, input.DuplicatesSkipped);
        json.WriteStartObject("sources"u8);
        foreach (var source in input.Sequences.All)
        {
            json.WriteStartArray(source.Name);
            json.WriteNumberValue(source.Sequence);
            json.WriteNumberValue(source.Offset);
            json.WriteEndArray();
        }

        json.WriteEndObject();
        json.WriteEndObject();
    }

    private static void Write(Utf8JsonWriter json, LateEvent item)
    {
        json.WriteStartArray();
        json.WriteStringValue(item.Step);
        json.WriteStringValue(item.Topic);
        json.WriteNumberValue(item.Offset);
        json.WriteNumberValue(item.Time);
        json.WriteNumberValue(item.Watermark);
        json.WriteEndArray();
    }

    private static void Read(JsonElement stored, TaskInput input)
    {
        input.Offset = stored.GetProperty("offset").GetInt64();
        input.MaxTime = stored.GetProperty("max_time").GetInt64();
        input.MaxOffset = stored.GetProperty("max_offset").GetInt64();
        input.Floor = stored.GetProperty("floor").GetInt64();
        input.Applied = stored.GetProperty("applied").GetInt64();
        input.Late = stored.GetProperty("late").GetInt64();
        input.Quarantined = stored.GetProperty("quarantined").GetInt64();
        input.DuplicatesSkipped = stored.GetProperty("duplicates_skipped").GetInt64();
        foreach (var source in stored.GetProperty("sources").EnumerateObject())
            input.Sequences.Restore(source.Name, source.Value[0].GetInt64(), source.Value[1].GetInt64());
    }
}
