using System.Text.Json;

namespace RealTimeMesh.Contracts;

/// <summary>What a registry said, or that it said nothing.</summary>
/// <param name="Code">0 for success, the registry's error code, or <see cref="NoAnswer"/>.</param>
/// <param name="Message">Of an error.</param>
/// <param name="Body">UTF-8.</param>
internal readonly record struct RegistryAnswer(int Code, string Message, byte[] Body)
{
    /// <summary>No address answered in time.</summary>
    public const int NoAnswer = -1;

    public const int SubjectNotFound = 40401;
    public const int VersionNotFound = 40402;
    public const int SchemaNotFound = 40403;

    /// <summary>Why there was no answer.</summary>
    public Exception? Cause { get; init; }

    public T Read<T>(Uri registry, string path)
    {
        try
        {
            return JsonSerializer.Deserialize<T>(Body) ?? throw new JsonException("null");
        }
        catch (JsonException e)
        {
            throw new ContractException($"schema registry {registry}: {path}: found an answer that is not the registry's JSON ({e.Message}). Check that the address is a schema registry.", e);
        }
    }
}
