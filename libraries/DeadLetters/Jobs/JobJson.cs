using System.Text.Json;
using System.Text.Json.Serialization;
using RealTimeMesh.DeadLetters.Storing;

namespace RealTimeMesh.DeadLetters.Jobs;

/// <summary>Jobs as stores keep them.</summary>
internal static class JobJson
{
    private static readonly JsonSerializerOptions Options = new(JsonSerializerDefaults.Web) { Converters = { new JsonStringEnumConverter(JsonNamingPolicy.CamelCase) } };

    public static JobDocument ToDocument(this Job job) => new(job.Id, JsonSerializer.Serialize(job, Options));

    public static Job Read(JobDocument document) => JsonSerializer.Deserialize<Job>(document.Json, Options)!;

    /// <summary>What decides which letters a request means and what is done to them.</summary>
    public static string Meaning(string kind, JobRequest request) =>
        JsonSerializer.Serialize(new { kind, request.Filter, request.To, request.Expression, request.Edit, request.MaxRedrives }, Options);
}
