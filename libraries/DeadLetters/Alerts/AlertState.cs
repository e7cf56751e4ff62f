using System.Text.Json;

namespace RealTimeMesh.DeadLetters.Alerts;

/// <summary>What outlives the process, so that a restart neither raises an alert again nor forgets that one is over or untold.</summary>
/// <param name="Recent">Those that are over, newest first.</param>
/// <param name="Untold">Raised or cleared, and not told to the webhooks yet, oldest first.</param>
internal sealed record AlertState(IReadOnlyList<RaisedAlert> Raised, IReadOnlyList<Alert> Recent, IReadOnlyList<Alert> Untold)
{
    /// <summary>Where the store keeps it.</summary>
    public const string Note = "alerts";

    public static AlertState Read(string? text) => text is null ? new AlertState([], [], []) : JsonSerializer.Deserialize<AlertState>(text, JsonSerializerOptions.Web)!;

    public string Write() => JsonSerializer.Serialize(this, JsonSerializerOptions.Web);
}
