using System.Buffers;
using System.Text.Json;
using Microsoft.AspNetCore.Http;
using RealTimeMesh.Warehouse.Execution;

namespace RealTimeMesh.Warehouse.Wire;

/// <summary>Writes the SQL API's answers.</summary>
internal static class StatementAnswer
{
    public static async Task WriteAsync(HttpContext context, Statement statement, int partition)
    {
        if (!statement.Done.Task.IsCompleted)
        {
            await WriteStatusAsync(context, StatusCodes.Status202Accepted, "333334", "00000",
                "Asynchronous execution in progress. Use provided query id to perform query monitoring and management.", statement);
        }
        else if (statement.Fault is { } fault)
        {
            await WriteFaultAsync(context, fault, statement);
        }
        else if (await statement.Result!.PageAsync(partition, context.RequestAborted) is { } page)
        {
            await WriteResultAsync(context, statement, statement.Result, partition, page);
        }
        else
        {
            await WriteStatusAsync(context, StatusCodes.Status400BadRequest, "391920", "22023",
                $"partition {partition} does not exist; expected 0 to {statement.Result.Partitions.Count - 1}.", statement);
        }
    }

    public static Task WriteFaultAsync(HttpContext context, SqlFault fault, Statement? statement)
    {
        if (fault.Status == StatusCodes.Status429TooManyRequests)
            context.Response.Headers.RetryAfter = "1";
        return WriteStatusAsync(context, fault.Status, fault.Code, fault.SqlState, fault.Message, statement);
    }

    public static Task WriteStatusAsync(HttpContext context, int status, string code, string sqlState, string message, Statement? statement) =>
        WriteAsync(context, status, json =>
        {
            json.WriteString("code", code);
            json.WriteString("sqlState", sqlState);
            json.WriteString("message", message);
            if (statement is not null)
                WriteHandle(json, statement);
        });

    private static Task WriteResultAsync(HttpContext context, Statement statement, StatementResult result, int partition, byte[] page) =>
        WriteAsync(context, StatusCodes.Status200OK, json =>
        {
            if (partition == 0)
            {
                WriteMetadata(json, result);
                json.WriteString("code", "090001");
                json.WriteString("sqlState", "00000");
                json.WriteString("message", "Statement executed successfully.");
                json.WriteNumber("createdOn", statement.CreatedOn.ToUnixTimeMilliseconds());
                WriteHandle(json, statement);
                if (statement.Children.Count > 0)
                {
                    json.WriteStartArray("statementHandles");
                    foreach (var child in statement.Children)
                        json.WriteStringValue(child.Handle);
                    json.WriteEndArray();
                }

                if (result.Stats is var (inserted, updated, deleted))
                {
                    json.WriteStartObject("stats");
                    json.WriteNumber("numRowsInserted", inserted);
                    json.WriteNumber("numRowsUpdated", updated);
                    json.WriteNumber("numRowsDeleted", deleted);
                    json.WriteNumber("numDuplicateRowsUpdated", 0);
                    json.WriteEndObject();
                }
            }

            json.WritePropertyName("data");
            json.WriteRawValue(page, skipInputValidation: true);
        });

    private static void WriteMetadata(Utf8JsonWriter json, StatementResult result)
    {
        json.WriteStartObject("resultSetMetaData");
        json.WriteNumber("numRows", result.Rows);
        json.WriteString("format", "jsonv2");
        json.WriteStartArray("rowType");
        foreach (var column in result.Columns)
        {
            json.WriteStartObject();
            json.WriteString("name", column.Name);
            json.WriteString("type", column.Type);
            json.WriteBoolean("nullable", column.Nullable);
            WriteNumber(json, "precision", column.Precision);
            WriteNumber(json, "scale", column.Scale);
            WriteNumber(json, "length", column.Length);
            json.WriteEndObject();
        }

        json.WriteEndArray();
        json.WriteStartArray("partitionInfo");
        foreach (var (rows, bytes) in result.Partitions)
        {
            json.WriteStartObject();
            json.WriteNumber("rowCount", rows);
            json.WriteNumber("uncompressedSize", bytes);
            json.WriteEndObject();
        }

        json.WriteEndArray();
        json.WriteEndObject();
    }

    private static void WriteNumber(Utf8JsonWriter json, string name, int? value)
    {
        if (value is { } number)
            json.WriteNumber(name, number);
        else
            json.WriteNull(name);
    }

    private static void WriteHandle(Utf8JsonWriter json, Statement statement)
    {
        json.WriteString("statementHandle", statement.Handle);
        json.WriteString("statementStatusUrl", $"/api/v2/statements/{statement.Handle}");
    }

    private static async Task WriteAsync(HttpContext context, int status, Action<Utf8JsonWriter> body)
    {
        var buffer = new ArrayBufferWriter<byte>();
        using (var json = new Utf8JsonWriter(buffer))
        {
            json.WriteStartObject();
            body(json);
            json.WriteEndObject();
        }

        context.Response.StatusCode = status;
        context.Response.ContentType = "application/json";
        context.Response.ContentLength = buffer.WrittenCount;
        await context.Response.BodyWriter.WriteAsync(buffer.WrittenMemory, context.RequestAborted);
    }
}
