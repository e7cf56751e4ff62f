using Microsoft.Extensions.Logging;
using RealTimeMesh.Components;

namespace RealTimeMesh.Topics;

/// <summary>What the administration of topics needs of whoever hosts it.</summary>
public sealed record TopicsSetup
{
    /// <summary>The broker that is administered.</summary>
    public required IBrokerAdmin Admin { get; init; }

    /// <summary>The mesh's data folder: replays and plans are kept in <c>topics/</c>, the audit log in <c>audit/topics.ndjson</c>.</summary>
    public required string DataPath { get; init; }

    /// <summary>Where to listen. Default: a free port on loopback.</summary>
    public string Urls { get; init; } = "http://127.0.0.1:0";

    /// <summary>Registry by which Avro values are decoded; without one they are shown as bytes.</summary>
    public Uri? SchemaRegistryUrl { get; init; }

    /// <summary><c>MESH_ADMIN_TOKEN</c>: what callers must bring; without one only this machine is let in.</summary>
    public string? AdminToken { get; init; }

    public TimeProvider Time { get; init; } = TimeProvider.System;

    public Action<ILoggingBuilder> Logging { get; init; } = static _ => { };
}
