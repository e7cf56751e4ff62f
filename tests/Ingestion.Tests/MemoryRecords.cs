using System.Collections.Concurrent;
using RealTimeMesh.Ingestion.Streams;

namespace RealTimeMesh.Ingestion.Tests;

/// <summary>A state store in memory; a test may make writes fail or be lost.</summary>
internal sealed class MemoryRecords : IRecordStore
{
    public ConcurrentDictionary<string, byte[]> Items { get; init; } = [];

    /// <summary>Asked before each write; false loses it silently, as a crash just before it would.</summary>
    public Func<string, bool>? OnWrite { get; set; }

    public Task<ReadOnlyMemory<byte>> ReadAsync(string key, CancellationToken cancellationToken) =>
        Task.FromResult<ReadOnlyMemory<byte>>(Items.GetValueOrDefault(key));

    public Task WriteAsync(IReadOnlyList<RecordWrite> records, CancellationToken cancellationToken)
    {
        // All or none, as the state store has it.
        if (records.All(record => OnWrite?.Invoke(record.Key) ?? true))
        {
            foreach (var record in records)
                Items[record.Key] = record.Json;
        }

        return Task.CompletedTask;
    }
}
