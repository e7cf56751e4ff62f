using System.Text.Encodings.Web;
using System.Text.Json;
using Microsoft.AspNetCore.Http;

namespace RealTimeMesh.Ingestion.FrontDoor;

/// <summary>A request that was not taken at all: <c>{"error","message"}</c>.</summary>
internal sealed class ErrorResult(int status, string error, string message, TimeSpan? retryAfter = null) : IDoorResult
{
    // As the framework's own answers: quotes stay readable, and nobody puts them into HTML.
    private static readonly JsonWriterOptions Readable = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    public int StatusCode => status;

    public DoorAnswer Render()
    {
        using var output = new MemoryStream();
        using (var json = new Utf8JsonWriter(output, Readable))
        {
            json.WriteStartObject();
            json.WriteString("error"u8, error);
            json.WriteString("message"u8, message);
            json.WriteEndObject();
        }

        return new DoorAnswer(status, output.ToArray(), retryAfter);
    }

    public Task ExecuteAsync(HttpContext httpContext) =>
        AnswerSender.Of(httpContext).SendAsync(httpContext, Render());
}
