using System.Text.Json;
using Microsoft.AspNetCore.Http;
using RealTimeMesh.Contracts.DeadLetters;
using RealTimeMesh.Contracts;
using RealTimeMesh.Ingestion.Publishing;
using RealTimeMesh.Ingestion.Rows;

namespace RealTimeMesh.Ingestion.FrontDoor;

/// <summary>
/// The answer to a request with events: 202 all accepted, 207 some rejected, 422 all rejected; 429 and 503 where
/// something is not stored, with what is; 400 where the body could not be read to its end, with what became of the events before.
/// </summary>
internal sealed class EventsResult(RequestTally tally, TimeSpan retryAfter) : IDoorResult
{
    public int StatusCode => tally switch
    {
        { Status: PublishStatus.Overloaded } => StatusCodes.Status429TooManyRequests,
        { Status: not PublishStatus.Stored } => StatusCodes.Status503ServiceUnavailable,
        { Stopped: not null } => StatusCodes.Status400BadRequest,
        { Rejected: 0 } => StatusCodes.Status202Accepted,
        { Accepted: 0 } => StatusCodes.Status422UnprocessableEntity,
        _ => StatusCodes.Status207MultiStatus,
    };

    public Task ExecuteAsync(HttpContext httpContext) =>
        AnswerSender.Of(httpContext).SendAsync(httpContext, Render());

    public DoorAnswer Render()
    {
        using var output = new MemoryStream();
        using (var json = new Utf8JsonWriter(output))
            Write(json);
        var again = StatusCode is StatusCodes.Status429TooManyRequests or StatusCodes.Status503ServiceUnavailable;
        return new DoorAnswer(StatusCode, output.GetBuffer().AsMemory(0, (int)output.Length), again ? tally.RetryAfter ?? retryAfter : null);
    }

    private void Write(Utf8JsonWriter json)
    {
        json.WriteStartObject();
        if (tally.Status != PublishStatus.Stored)
            WriteFailure(json);
        else if (tally.Stopped is { } stopped)
            WriteStop(json, stopped);
        json.WriteNumber("accepted"u8, tally.Accepted);
        json.WriteNumber("rejected"u8, tally.Rejected);
        if (tally.Results.Count > 0)
            WriteResults(json);
        if (tally.Truncated)
            json.WriteBoolean("truncated"u8, true);
        json.WriteEndObject();
    }

    private void WriteFailure(Utf8JsonWriter json)
    {
        json.WriteString("error"u8, tally.Status switch
        {
            PublishStatus.Overloaded => "overloaded"u8,
            PublishStatus.Unknown => "outcome_unknown"u8,
            _ => "not_stored"u8,
        });
        json.WriteString("message"u8, tally.Status switch
        {
            PublishStatus.Overloaded => $"{tally.NotStored} events were not stored, for now. Send them again after the time that Retry-After gives. ({tally.Error})",
            PublishStatus.Unknown => $"the log did not confirm {tally.NotStored} events: each may be stored or not. ({tally.Error})",
            _ => $"the log could not store {tally.NotStored} events; nothing of them is acknowledged. Send them again. ({tally.Error})",
        });
        json.WriteNumber("not_stored"u8, tally.NotStored);
        json.WriteStartArray("not_stored_at"u8);
        foreach (var position in tally.NotStoredAt)
            json.WriteNumberValue(position);
        json.WriteEndArray();
    }

    private static void WriteStop(Utf8JsonWriter json, string stopped)
    {
        json.WriteString("error"u8, RowRules.Framing);
        json.WriteString("message"u8, $"the body can't be read on: {stopped}. Nothing behind it was read.");
    }

    private void WriteResults(Utf8JsonWriter json)
    {
        json.WriteStartArray("results"u8);
        foreach (var (position, reason) in tally.Results)
        {
            json.WriteStartObject();
            json.WriteNumber("index"u8, position);
            json.WriteString("status"u8, "rejected"u8);
            json.WriteStartObject("reason"u8);
            json.WriteString("class"u8, reason.Class);
            json.WriteString("rule"u8, reason.Rule);
            json.WriteString("field"u8, reason.Field);
            json.WriteString("found"u8, DeadLetterWriter.Clip(reason.Found));
            json.WriteString("expected"u8, DeadLetterWriter.Clip(reason.Expected));
            json.WriteEndObject();
            json.WriteEndObject();
        }

        json.WriteEndArray();
    }
}
