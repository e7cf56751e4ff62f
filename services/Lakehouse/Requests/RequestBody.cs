using System.Text.Json;
using System.Text.Json.Serialization;
using Microsoft.AspNetCore.Http;

namespace RealTimeMesh.Lakehouse.Requests;

/// <summary>Reads the JSON body of a command. No body means the command's defaults; a name that it does not know is a fault.</summary>
internal static class RequestBody
{
    private const int MaxBytes = 64 * 1024;

    private static readonly JsonSerializerOptions s_json = new()
    {
        PropertyNamingPolicy = JsonNamingPolicy.SnakeCaseLower,
        UnmappedMemberHandling = JsonUnmappedMemberHandling.Disallow,
        MaxDepth = 8,
    };

    public static async Task<(T? Value, IResult? Refusal)> ReadAsync<T>(HttpRequest request, T empty, CancellationToken cancellationToken)
        where T : class
    {
        using var buffer = new MemoryStream();
        var part = new byte[8 * 1024];
        int read;
        while ((read = await request.Body.ReadAsync(part, cancellationToken)) > 0)
        {
            buffer.Write(part, 0, read);
            if (buffer.Length > MaxBytes)
                return (null, Refusals.BadRequest(new RequestFault("body", $"more than {MaxBytes} bytes", "a small JSON object", "send only the command's fields")));
        }

        if (buffer.Length == 0)
            return (empty, null);
        // A page of a browser can post forms and plain text anywhere, but JSON only to those that let it.
        if (!request.HasJsonContentType())
            return (null, Refusals.Of(StatusCodes.Status415UnsupportedMediaType, new RequestFault("content-type", $"'{request.ContentType}'", "application/json", "send the body as JSON")));
        try
        {
            if (JsonSerializer.Deserialize<T>(buffer.ToArray(), s_json) is { } value)
                return (value, null);
            return (null, Fault("null"));
        }
        catch (JsonException exception)
        {
            return (null, Fault(exception.Message));
        }

        static IResult Fault(string found)
        {
            var names = typeof(T).GetProperties().Select(property => JsonNamingPolicy.SnakeCaseLower.ConvertName(property.Name));
            return Refusals.BadRequest(new RequestFault("body", found, $"a JSON object with some of {string.Join(", ", names)}", "correct the body"));
        }
    }
}
