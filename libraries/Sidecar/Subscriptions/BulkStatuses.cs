using System.Buffers.Text;
using System.Text.Json;

namespace RealTimeMesh.Sidecar.Subscriptions;

/// <summary>What the app says of an event.</summary>
internal enum EntryStatus : byte
{
    /// <summary>Also where the app says nothing.</summary>
    Retry,
    Success,
    Drop,
}

/// <summary>Reads the answer to a bulk delivery: <c>{"statuses":[{"entryId","status"}]}</c>.</summary>
internal static class BulkStatuses
{
    /// <summary>Fills in the statuses by entry; false where the answer cannot be read, in which case all are to be retried.</summary>
    public static bool TryRead(ReadOnlySpan<byte> answer, Span<EntryStatus> statuses)
    {
        statuses.Clear();
        try
        {
            var reader = new Utf8JsonReader(answer);
            if (!reader.Read() || reader.TokenType != JsonTokenType.StartObject)
                return false;
            while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
            {
                var isList = reader.ValueTextEquals("statuses"u8);
                reader.Read();
                if (isList && reader.TokenType == JsonTokenType.StartArray)
                    ReadList(ref reader, statuses);
                else
                    reader.Skip();
            }

            return true;
        }
        catch (JsonException)
        {
            statuses.Clear();
            return false;
        }
    }

    private static void ReadList(ref Utf8JsonReader reader, Span<EntryStatus> statuses)
    {
        while (reader.Read() && reader.TokenType != JsonTokenType.EndArray)
        {
            if (reader.TokenType != JsonTokenType.StartObject)
            {
                reader.Skip();
                continue;
            }

            var index = -1;
            var status = EntryStatus.Retry;
            while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
            {
                var isId = reader.ValueTextEquals("entryId"u8);
                var isStatus = !isId && reader.ValueTextEquals("status"u8);
                reader.Read();
                if (isId && reader.TokenType == JsonTokenType.String)
                    index = Utf8Parser.TryParse(reader.ValueSpan, out int number, out var used) && used == reader.ValueSpan.Length ? number : -1;
                else if (isStatus && reader.TokenType == JsonTokenType.String)
                    status = StatusOf(ref reader);
                else
                    reader.Skip();
            }

            if ((uint)index < (uint)statuses.Length)
                statuses[index] = status;
        }
    }

    private static EntryStatus StatusOf(ref Utf8JsonReader reader)
    {
        if (reader.ValueTextEquals("SUCCESS"u8))
            return EntryStatus.Success;
        return reader.ValueTextEquals("DROP"u8) ? EntryStatus.Drop : EntryStatus.Retry;
    }
}
