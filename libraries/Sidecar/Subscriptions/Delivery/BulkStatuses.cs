using System.Text.Json;
using RealTimeMesh.Sidecar.Json;

namespace RealTimeMesh.Sidecar.Subscriptions;

/// <summary>Reads the answer to a bulk delivery: <c>{"statuses":[{"entryId","status"}]}</c>.</summary>
internal static class BulkStatuses
{
    /// <summary>Fills in the statuses by entry; false where the answer cannot be read, in which case all are to be retried.</summary>
    public static bool TryRead(ReadOnlySpan<byte> answer, BulkEntryIds ids, Span<EntryStatus> statuses)
    {
        statuses.Clear();
        try
        {
            var reader = new Utf8JsonReader(GoUnicode.Repaired(answer));
            if (!reader.Read() || reader.TokenType != JsonTokenType.StartObject)
                return false;
            while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
            {
                var isList = reader.ValueTextEquals("statuses"u8);
                reader.Read();
                if (isList && reader.TokenType == JsonTokenType.StartArray)
                    ReadList(ref reader, ids, statuses);
                else if (isList && reader.TokenType != JsonTokenType.Null)
                    return false;
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

    private static void ReadList(ref Utf8JsonReader reader, BulkEntryIds ids, Span<EntryStatus> statuses)
    {
        while (reader.Read() && reader.TokenType != JsonTokenType.EndArray)
        {
            if (reader.TokenType != JsonTokenType.StartObject)
            {
                reader.Skip();
                continue;
            }

            var index = -1;
            var status = EntryStatus.None;
            while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
            {
                var isId = reader.ValueTextEquals("entryId"u8);
                var isStatus = !isId && reader.ValueTextEquals("status"u8);
                reader.Read();
                if (isId && reader.TokenType == JsonTokenType.String)
                    index = ids.PlaceOf(reader.ValueSpan);
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
        if (reader.ValueTextEquals("DROP"u8))
            return EntryStatus.Drop;
        return reader.ValueTextEquals("RETRY"u8) || reader.ValueTextEquals(""u8) ? EntryStatus.Retry : EntryStatus.Unknown;
    }
}
