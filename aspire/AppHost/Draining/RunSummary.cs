using System.Text.Json;

namespace RealTimeMesh.AppHost.Draining;

/// <summary>Result of a bounded run, as printed and as written by <c>--summary</c> (snake_case).</summary>
internal sealed record RunSummary
{
    private static readonly JsonSerializerOptions Format = new() { WriteIndented = true, PropertyNamingPolicy = JsonNamingPolicy.SnakeCaseLower };

    /// <summary>The ledger's balance and everything asked for were reached.</summary>
    public required bool Succeeded { get; init; }

    /// <summary>Why not; null on success.</summary>
    public string? Reason { get; init; }

    public required long Acked { get; init; }

    public required long Applied { get; init; }

    public required long DeadLettered { get; init; }

    public required long Late { get; init; }

    public required long Quarantined { get; init; }

    /// <summary>Set aside and sent to their topic again: acked + redriven = applied + dead-lettered + late + quarantined.</summary>
    public required long Redriven { get; init; }

    public required long Lost { get; init; }

    public required long Duplicated { get; init; }

    /// <summary>From the mesh being ready to gold and warehouse being current, seconds.</summary>
    public required double ElapsedS { get; init; }

    /// <summary>From the mesh being ready to the last event being in its windows and in bronze, seconds.</summary>
    public required double StreamElapsedS { get; init; }

    /// <summary>Events acknowledged in this run over <see cref="StreamElapsedS"/>.</summary>
    public required double EventsPerS { get; init; }

    /// <summary>Producer's acknowledgement to view visible, milliseconds.</summary>
    public required double P50Ms { get; init; }

    public required double P99Ms { get; init; }

    /// <summary>Highest resident memory of the host's process, MiB.</summary>
    public required double PeakMemoryMib { get; init; }

    public required IReadOnlyList<StreamLedger> Streams { get; init; }

    public required IReadOnlyList<TableResult> Tables { get; init; }

    public required IReadOnlyList<LoadedTable> Loads { get; init; }

    public void Write(string file) => Write(file, this);

    /// <summary>What a run leaves that did not come to its end.</summary>
    public static void WriteFailure(string file, string reason) => Write(file, new { Succeeded = false, Reason = reason });

    private static void Write<T>(string file, T content)
    {
        Directory.CreateDirectory(Path.GetDirectoryName(file)!);
        File.WriteAllText(file, JsonSerializer.Serialize(content, Format) + "\n");
    }
}

/// <summary>One Delta table at the end of a run.</summary>
internal sealed record TableResult(string Pipeline, string Table, long Version, long Rows);
