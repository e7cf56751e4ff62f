using Microsoft.Extensions.Logging;
using RealTimeMesh.Components;
using RealTimeMesh.DeadLetters.Collecting;
using RealTimeMesh.DeadLetters.Storing;
using RealTimeMesh.Pipelines;

namespace RealTimeMesh.DeadLetters;

/// <summary>What dead letters need of whoever hosts them.</summary>
public sealed record DeadLettersSetup
{
    /// <summary>The broker whose dead-letter topics are collected and to which letters are written again.</summary>
    public required IPubSubBroker Broker { get; init; }

    public required IDeadLetterStore Store { get; init; }

    /// <summary>The mesh's data folder: the audit log is <c>audit/dead-letters.ndjson</c>.</summary>
    public required string DataPath { get; init; }

    /// <summary>Pipelines, whose contracts and expectations say what would pass.</summary>
    public IReadOnlyList<PipelineDefinition> Pipelines { get; init; } = [];

    /// <summary>Dead-letter topics of subscriptions, beside those of the pipelines and of <see cref="DeadLetterOptions.Topics"/>.</summary>
    public DeadLetterSources Sources { get; init; } = static _ => Task.FromResult<IReadOnlyList<DeadLetterSource>>([]);

    public DeadLetterOptions Options { get; init; } = new();

    /// <summary>Where to listen. Default: a free port on loopback.</summary>
    public string Urls { get; init; } = "http://127.0.0.1:0";

    /// <summary>Registry by which Avro messages are decoded; without one they are shown as bytes.</summary>
    public Uri? SchemaRegistryUrl { get; init; }

    /// <summary><c>MESH_ADMIN_TOKEN</c>: what callers must bring; without one only this machine is let in, and personal fields are never shown.</summary>
    public string? AdminToken { get; init; }

    public TimeProvider Time { get; init; } = TimeProvider.System;

    public Action<ILoggingBuilder> Logging { get; init; } = static _ => { };
}
