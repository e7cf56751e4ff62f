using System.Text.Json;
using Dapr.AppCallback.Autogen.Grpc.v1;
using Google.Protobuf.WellKnownTypes;

namespace RealTimeMesh.Sidecar.Subscriptions;

/// <summary>CloudEvents as the messages of Dapr's callback service.</summary>
internal static class GrpcEvents
{
    /// <summary>Null, and a cause, where the event's data contradicts its type.</summary>
    public static TopicEventRequest? Single(IncomingEvent incoming, SubscriptionDefinition definition, string path, out string cause)
    {
        var type = incoming.Text("datacontenttype") ?? "";
        if (EventData.Read(incoming.Root, type, out cause) is not { } data)
            return null;
        return new TopicEventRequest
        {
            Id = incoming.Id,
            Source = incoming.Text("source") ?? "",
            Type = incoming.Text("type") ?? "",
            SpecVersion = incoming.Text("specversion") ?? "",
            DataContentType = type,
            Data = data,
            Topic = definition.Topic,
            PubsubName = definition.PubSub,
            Path = path,
            Extensions = Extensions(incoming.Root),
        };
    }

    /// <inheritdoc cref="Single"/>
    public static TopicEventCERequest? Entry(IncomingEvent incoming, out string cause)
    {
        var type = incoming.Text("datacontenttype") ?? "";
        if (EventData.Read(incoming.Root, type, out cause) is not { } data)
            return null;
        return new TopicEventCERequest
        {
            Id = incoming.Id,
            Source = incoming.Text("source") ?? "",
            Type = incoming.Text("type") ?? "",
            SpecVersion = incoming.Text("specversion") ?? "",
            DataContentType = type,
            Data = data,
            Extensions = Extensions(incoming.Root),
        };
    }

    private static Struct Extensions(JsonElement root)
    {
        var extensions = new Struct();
        foreach (var property in root.EnumerateObject())
        {
            if (!HasFieldOfItsOwn(property))
                extensions.Fields[property.Name] = ValueOf(property.Value);
        }

        return extensions;
    }

    private static bool HasFieldOfItsOwn(JsonProperty property) =>
        property.NameEquals("id"u8) || property.NameEquals("source"u8) || property.NameEquals("datacontenttype"u8) || property.NameEquals("type"u8)
        || property.NameEquals("specversion"u8) || property.NameEquals("data"u8) || property.NameEquals("data_base64"u8);

    private static Value ValueOf(JsonElement element)
    {
        switch (element.ValueKind)
        {
            case JsonValueKind.String:
                return Value.ForString(element.GetString());
            case JsonValueKind.Number:
                return Value.ForNumber(element.GetDouble());
            case JsonValueKind.True or JsonValueKind.False:
                return Value.ForBool(element.GetBoolean());
            case JsonValueKind.Array:
                return Value.ForList([.. element.EnumerateArray().Select(ValueOf)]);
            case JsonValueKind.Object:
                var fields = new Struct();
                foreach (var property in element.EnumerateObject())
                    fields.Fields[property.Name] = ValueOf(property.Value);
                return Value.ForStruct(fields);
            default:
                return Value.ForNull();
        }
    }
}
