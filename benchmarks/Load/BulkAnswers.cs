namespace RealTimeMesh.Benchmarks.Load;

/// <summary>Answers bulk deliveries as an app that succeeds with every event does, for little of the processor.</summary>
internal static class BulkAnswers
{
    private const int IdLength = 36;

    private static ReadOnlySpan<byte> EntryMark => "\"entryId\":\""u8;

    /// <summary>The answer, and how many events it acknowledges.</summary>
    public static (ReadOnlyMemory<byte> Answer, int Events) Success(ReadOnlySpan<byte> delivery)
    {
        using var answer = new MemoryStream(delivery.Length / 4);
        answer.Write("{\"statuses\":["u8);
        var events = 0;
        for (var mark = delivery.IndexOf(EntryMark); mark >= 0; mark = delivery.IndexOf(EntryMark))
        {
            var id = delivery.Slice(mark + EntryMark.Length, IdLength);
            answer.Write(events++ == 0 ? "{\"entryId\":\""u8 : ",{\"entryId\":\""u8);
            answer.Write(id);
            answer.Write("\",\"status\":\"SUCCESS\"}"u8);
            delivery = delivery[(mark + EntryMark.Length + IdLength)..];
        }

        answer.Write("]}"u8);
        return (answer.GetBuffer().AsMemory(0, (int)answer.Length), events);
    }
}
