using System.Text.Json;
using RealTimeMesh.Console.Backends;

namespace RealTimeMesh.Console.Actions;

/// <summary>A change that somebody asks a service for, from a page.</summary>
internal sealed record ActionOrder
{
    /// <summary>What is done, in a word or two: <c>restore</c>, <c>move offsets</c>.</summary>
    public required string Kind { get; init; }

    /// <summary>What it is done to.</summary>
    public required string Subject { get; init; }

    /// <summary>Address of the page of what it is done to.</summary>
    public required string Back { get; init; }

    /// <summary>The entry of the navigation it belongs to.</summary>
    public required string Section { get; init; }

    public required Backend Backend { get; init; }

    public required HttpMethod Method { get; init; }

    public required string Path { get; init; }

    public object? Body { get; init; }

    public required string Who { get; init; }

    /// <summary>The console itself keeps the audit line: the service keeps none.</summary>
    public bool IsAuditedHere { get; init; }

    /// <summary>What to ask the service for before, as the "before" of the console's own audit line.</summary>
    public string? BeforePath { get; init; }

    /// <summary>Address of the page that shows what came of it; null for none.</summary>
    public Func<JsonElement, string?>? Next { get; init; }
}
