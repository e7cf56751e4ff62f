using System.Text.Json.Serialization;

namespace RealTimeMesh.Ingestion.Sources.Folders;

/// <summary>A file, or a stretch of a growing one, that was taken to be read. Short names: a state store holds many.</summary>
internal sealed record JournalEntry
{
    /// <summary>Path below the folder, with slashes.</summary>
    [JsonPropertyName("n")]
    public required string Name { get; init; }

    /// <summary>Offset where reading begins; above 0 only for a growing file.</summary>
    [JsonPropertyName("f")]
    public long From { get; init; }

    /// <summary>Offset where it ends: the file's length when it was taken.</summary>
    [JsonPropertyName("e")]
    public long End { get; init; }

    /// <summary>Time of the file's last change, in ticks, UTC.</summary>
    [JsonPropertyName("m")]
    public long Modified { get; init; }

    /// <summary>Fingerprint of the file's bytes: see <see cref="Fingerprints"/>.</summary>
    [JsonPropertyName("h")]
    public required string Hash { get; init; }

    public bool Is(in FoundFile file) => file.Length == End && file.Modified == Modified;
}

/// <summary>What is left of the pages of a journal that were dropped.</summary>
internal sealed record JournalHead
{
    /// <summary>Number of the first page that is kept.</summary>
    public int First { get; init; }

    /// <summary>The last file, in the folder's order, of the dropped pages; null where none was dropped.</summary>
    public string? Name { get; init; }

    public long Modified { get; init; }

    /// <summary>How many entries were dropped.</summary>
    public long Count { get; init; }
}

/// <summary>A page of a journal.</summary>
internal sealed record JournalPage(IReadOnlyList<JournalEntry> Files);
