using System.Text.Encodings.Web;
using System.Text.Json;
using Microsoft.AspNetCore.Http;

namespace RealTimeMesh.Sidecar.Errors;

/// <summary>Errors over HTTP.</summary>
internal static class ErrorJson
{
    // Quotes in messages are told as Go tells them.
    private static readonly JsonWriterOptions Options = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    private const string TypePrefix = "type.googleapis.com/google.rpc.";

    public static async Task WriteAsync(HttpResponse response, ApiError error)
    {
        response.StatusCode = error.HttpStatus;
        // Clients compare the type exactly: no charset.
        response.ContentType = "application/json";
        await using var writer = new Utf8JsonWriter(response.BodyWriter, Options);
        writer.WriteStartObject();
        writer.WriteString("errorCode"u8, error.Code);
        writer.WriteString("message"u8, error.Message);
        if (error.Reason is not null)
            WriteDetails(writer, error);
        writer.WriteEndObject();
    }

    private static void WriteDetails(Utf8JsonWriter writer, ApiError error)
    {
        writer.WriteStartArray("details"u8);
        if (error.Help is { } help)
        {
            Begin(writer, "Help");
            writer.WriteStartArray("links"u8);
            writer.WriteStartObject();
            writer.WriteString("url"u8, help.Url);
            writer.WriteString("description"u8, help.Description);
            writer.WriteEndObject();
            writer.WriteEndArray();
            writer.WriteEndObject();
        }

        if (error.Violation is { } violation)
        {
            Begin(writer, "BadRequest");
            writer.WriteStartArray("field_violations"u8);
            writer.WriteStartObject();
            writer.WriteString("field"u8, violation.Field);
            writer.WriteString("description"u8, violation.Description);
            writer.WriteEndObject();
            writer.WriteEndArray();
            writer.WriteEndObject();
        }

        if (error.Resource is { } resource)
        {
            Begin(writer, "ResourceInfo");
            writer.WriteString("resource_type"u8, resource.Type);
            writer.WriteString("resource_name"u8, resource.Name);
            writer.WriteString("owner"u8, "");
            writer.WriteString("description"u8, resource.Description);
            writer.WriteEndObject();
        }

        Begin(writer, "ErrorInfo");
        writer.WriteString("reason"u8, error.Reason);
        writer.WriteString("domain"u8, error.Domain);
        writer.WritePropertyName("metadata"u8);
        if (error.Metadata is null)
        {
            writer.WriteNullValue();
        }
        else
        {
            writer.WriteStartObject();
            foreach (var (name, value) in error.Metadata)
                writer.WriteString(name, value);
            writer.WriteEndObject();
        }

        writer.WriteEndObject();
        writer.WriteEndArray();
    }

    private static void Begin(Utf8JsonWriter writer, string type)
    {
        writer.WriteStartObject();
        writer.WriteString("@type"u8, TypePrefix + type);
    }
}
