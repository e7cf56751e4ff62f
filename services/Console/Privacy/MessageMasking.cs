using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using RealTimeMesh.Pipelines;

namespace RealTimeMesh.Console.Privacy;

/// <summary>
/// Masks personal data in messages by the contracts of their pipeline: what comes in by the open topic of a stream, and its dead
/// letters, carry no schema by which it could have been masked already.
/// </summary>
internal sealed class MessageMasking(Masking masking, IReadOnlyList<PipelineDefinition> pipelines)
{
    private static readonly JsonSerializerOptions s_relaxed = new() { Encoder = System.Text.Encodings.Web.JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    /// <summary>Whether the keys of a topic may be personal data.</summary>
    public bool HidesKeys(string topic) => Owner(topic) is { } pipeline && pipeline.Streams.Any(stream => masking.HidesField(pipeline.Name, stream.Key));

    /// <summary>A line of the browser's answer, fit to be shown.</summary>
    public string Mask(string topic, string line)
    {
        if (Owner(topic) is not { } pipeline || !masking.HasPersonal(pipeline.Name) || !line.StartsWith("""{"type":"message""", StringComparison.Ordinal))
            return line;
        var message = JsonNode.Parse(line)!.AsObject();
        if (message["key"] is not null && HidesKeys(topic))
            message["key"] = Masking.Mask;
        message["value"] = message["format"]?.GetValue<string>() switch
        {
            "null" => null,
            // Of a schema: what that tags was masked by it. What the pipeline's contract knows besides is masked here.
            _ when message["schema"] is not null && message["value"] is JsonObject => Within(pipeline.Name, message["value"]!.DeepClone()),
            "json" or "protobuf" when message["value"] is JsonObject or JsonArray => Within(pipeline.Name, message["value"]!.DeepClone()),
            _ => $"{Masking.Mask} (this pipeline carries personal data and the value is not JSON)",
        };
        return message.ToJsonString(s_relaxed);
    }

    private PipelineDefinition? Owner(string topic)
    {
        var name = topic.StartsWith("ingest.", StringComparison.Ordinal) ? topic["ingest.".Length..] : topic;
        return pipelines.FirstOrDefault(pipeline => name.StartsWith(pipeline.Name + ".", StringComparison.Ordinal));
    }

    private JsonNode Within(string pipeline, JsonNode value)
    {
        masking.MaskFields(pipeline, value);
        if (value is not JsonObject letter)
            return value;
        if (letter["original_base64"] is JsonValue original && original.TryGetValue<string>(out var base64))
        {
            // The bytes as they came would tell what the mask hides.
            letter.Remove("original_base64");
            letter["original"] = masking.MaskEvent(pipeline, Text(base64)).Text;
        }

        if (letter["reason"] is JsonObject reason && reason["field"] is JsonValue field && field.TryGetValue<string>(out var name) && masking.HidesField(pipeline, name))
        {
            reason["found"] = Masking.Mask;
            reason["message"] = Masking.Mask;
        }

        return value;
    }

    private static string Text(string base64)
    {
        var bytes = new byte[base64.Length];
        return Convert.TryFromBase64String(base64, bytes, out var length) ? Encoding.UTF8.GetString(bytes.AsSpan(0, length)) : "";
    }
}
