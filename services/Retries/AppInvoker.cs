using System.Buffers;
using System.Net;
using System.Net.Http.Headers;
using System.Text.Json;
using Microsoft.Extensions.Configuration;
using RealTimeMesh.Contracts.DeadLetters;
using RealTimeMesh.Pipelines;
using RealTimeMesh.ServiceDefaults;
using RealTimeMesh.ServiceDefaults.Retries;

namespace RealTimeMesh.Retries;

/// <summary>Gives an event to an app's route as a sidecar does that delivers it, by service invocation, and reads what the app says.</summary>
internal sealed class AppInvoker(HttpClient http, IConfiguration configuration)
{
    public async Task<Handled> InvokeAsync(RetryPolicy policy, DeliveredEvent item, CancellationToken cancellationToken)
    {
        using var request = new HttpRequestMessage(HttpMethod.Post, new Uri(Extensions.SidecarAddress(configuration), $"/v1.0/invoke/{policy.Consumer}/method/{policy.Path!.TrimStart('/')}"));
        if (configuration["DAPR_API_TOKEN"] is { Length: > 0 } token)
            request.Headers.Add("dapr-api-token", token);
        if (item.Header("traceparent"u8) is { } trace)
            request.Headers.TryAddWithoutValidation("traceparent", trace);
        request.Content = new ByteArrayContent(CloudEventText.Find(item.Payload.Span, "specversion"u8) is null ? Wrap(policy, item) : item.Payload.ToArray());
        request.Content.Headers.ContentType = new MediaTypeHeaderValue("application/cloudevents+json");
        using var response = await http.SendAsync(request, cancellationToken);
        if (response.StatusCode == HttpStatusCode.NotFound)
            return Dropped("answered 404");
        var body = await response.Content.ReadAsByteArrayAsync(cancellationToken);
        if (!response.IsSuccessStatusCode)
            return Handled.Transient($"app '{policy.Consumer}' answered {(int)response.StatusCode}: {DeadLetterWriter.Clip(System.Text.Encoding.UTF8.GetString(body))}");
        return CloudEventText.Find(body, "status"u8) switch
        {
            null or "" or "SUCCESS" => Handled.Success,
            "DROP" => Dropped("answered DROP"),
            var other => Handled.Transient($"app '{policy.Consumer}' answered {DeadLetterWriter.Clip(other)}"),
        };

        Handled Dropped(string what) => Handled.Poison(new DeadLetterReason(DeadLetterClasses.Poison, "dropped", null, null, null, $"app '{policy.Consumer}' {what}"));
    }

    /// <summary>Other values go to the app as a sidecar wraps them.</summary>
    private static byte[] Wrap(RetryPolicy policy, in DeliveredEvent item)
    {
        var output = new ArrayBufferWriter<byte>(item.Payload.Length * 2);
        using (var json = new Utf8JsonWriter(output))
        {
            json.WriteStartObject();
            json.WriteString("specversion"u8, "1.0"u8);
            json.WriteString("id"u8, item.IdText);
            json.WriteString("source"u8, item.SourceText);
            json.WriteString("type"u8, "com.dapr.event.sent"u8);
            json.WriteString("topic"u8, policy.Of ?? policy.Topic);
            json.WriteString("datacontenttype"u8, item.Header("content-type"u8) ?? "application/octet-stream");
            json.WriteBase64String("data_base64"u8, item.Payload.Span);
            json.WriteEndObject();
        }

        return output.WrittenSpan.ToArray();
    }
}
