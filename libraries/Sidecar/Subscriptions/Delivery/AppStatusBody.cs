using System.Text.Json;
using RealTimeMesh.Sidecar.Json;

namespace RealTimeMesh.Sidecar.Subscriptions;

/// <summary>Reads the answer to a single delivery: <c>{"status":"SUCCESS"|"RETRY"|"DROP"}</c>.</summary>
internal static class AppStatusBody
{
    /// <summary>An answer that is empty, unreadable or without a status is a success, as in daprd.</summary>
    public static EntryStatus Read(ReadOnlySpan<byte> answer)
    {
        if (answer.IsEmpty)
            return EntryStatus.Success;
        try
        {
            var reader = new Utf8JsonReader(GoUnicode.Repaired(answer), new JsonReaderOptions { AllowMultipleValues = true });
            if (!reader.Read() || reader.TokenType != JsonTokenType.StartObject)
                return EntryStatus.Success;
            var status = EntryStatus.Success;
            while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
            {
                var isStatus = "status".Equals(reader.GetString(), StringComparison.OrdinalIgnoreCase);
                reader.Read();
                if (isStatus && reader.TokenType == JsonTokenType.String)
                    status = StatusOf(ref reader);
                else if (isStatus && reader.TokenType != JsonTokenType.Null)
                    return EntryStatus.Success;
                else
                    reader.Skip();
            }

            return status;
        }
        catch (JsonException)
        {
            return EntryStatus.Success;
        }
    }

    private static EntryStatus StatusOf(ref Utf8JsonReader reader)
    {
        if (reader.ValueTextEquals("SUCCESS"u8) || reader.ValueTextEquals(""u8))
            return EntryStatus.Success;
        if (reader.ValueTextEquals("DROP"u8))
            return EntryStatus.Drop;
        return reader.ValueTextEquals("RETRY"u8) ? EntryStatus.Retry : EntryStatus.Unknown;
    }
}
