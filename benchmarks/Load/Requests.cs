using System.Globalization;
using System.Text;
using Dapr.Client.Autogen.Grpc.v1;
using Google.Protobuf;

namespace RealTimeMesh.Benchmarks.Load;

/// <summary>Encoded requests of Dapr's gRPC API, and the event in them.</summary>
internal static class Requests
{
    /// <summary>Length of an event, bytes: an order, a tick, a departure are about that.</summary>
    public const int EventBytes = 200;

    /// <summary>In front of the timestamp in an event.</summary>
    public static ReadOnlySpan<byte> SentMark => "\"sent\":"u8;

    /// <summary>A JSON object of <see cref="EventBytes"/> that holds a timestamp.</summary>
    public static string Event(long sent = 0)
    {
        var text = string.Create(CultureInfo.InvariantCulture, $$"""{"sent":{{sent}},"symbol":"ABCD","price":101.25,"note":" """);
        return text + new string('x', EventBytes - text.Length - 2) + "\"}";
    }

    /// <summary>The timestamp in an event or in an envelope around it.</summary>
    public static long SentIn(ReadOnlySpan<byte> json)
    {
        var mark = json.IndexOf(SentMark);
        return mark >= 0 && System.Buffers.Text.Utf8Parser.TryParse(json[(mark + SentMark.Length)..], out long sent, out _)
            ? sent
            : throw new InvalidDataException($"no timestamp in {Encoding.UTF8.GetString(json)}; expected an event of this benchmark");
    }

    public static byte[] Publish(string pubsub, string topic, long sent) =>
        new PublishEventRequest { PubsubName = pubsub, Topic = topic, DataContentType = "application/json", Data = ByteString.CopyFromUtf8(Event(sent)) }.ToByteArray();

    /// <param name="raw">Keyed values as they stand, the form the platform itself publishes in; else each is wrapped as a CloudEvent.</param>
    public static byte[] BulkPublish(string pubsub, string topic, int count, bool raw)
    {
        var request = new BulkPublishRequest { PubsubName = pubsub, Topic = topic };
        if (raw)
            request.Metadata["rawPayload"] = "true";
        var value = ByteString.CopyFromUtf8(Event());
        for (var i = 0; i < count; i++)
        {
            var entry = new BulkPublishRequestEntry { EntryId = i.ToString(CultureInfo.InvariantCulture), Event = value, ContentType = "application/json" };
            if (raw)
                entry.Metadata["partitionKey"] = Key(i);
            request.Entries.Add(entry);
        }

        return request.ToByteArray();
    }

    public static byte[] Get(string store, int key) => new GetStateRequest { StoreName = store, Key = Key(key) }.ToByteArray();

    public static byte[] Set(string store, int key) =>
        new SaveStateRequest { StoreName = store, States = { new StateItem { Key = Key(key), Value = ByteString.CopyFromUtf8(Event()) } } }.ToByteArray();

    public static string Key(int number) => string.Create(CultureInfo.InvariantCulture, $"key-{number % 200}");
}
